import JSONBytes
import NIOCore
import Testing

@testable import Gateway

/// How bodies are put together.
@Suite struct BodyCollectorTests {
    private let piece = ByteBuffer(repeating: UInt8(ascii: "x"), count: 64 * 1024)

    private func place(_ collector: BodyCollector) -> UnsafeRawPointer? {
        collector.octets?.withUnsafeReadableBytes { $0.baseAddress }
    }

    /// Adds pieces and says what was wrong with the body, if anything.
    private func add(_ pieces: [ByteBuffer], to collector: inout BodyCollector) -> JSONSyntaxError? {
        for piece in pieces {
            if let error = collector.append(piece) { return error }
        }
        return nil
    }

    /// A body of 50 MB that was copied for each of its pieces took seconds, during which its loop answered nobody.
    @Test func `a long body stays where it is while it grows`() {
        var collector = BodyCollector(isJSON: true)
        let quote = ByteBuffer(string: "\"")
        var error = add([quote] + Array(repeating: piece, count: 32), to: &collector)
        let before = place(collector)
        error = error ?? add(Array(repeating: piece, count: 64), to: &collector)
        #expect(place(collector) == before)
        error = error ?? add([quote], to: &collector)
        let end = collector.finish()
        #expect(error == nil && end == nil)
        let body = collector.take()
        #expect(body?.readableBytes == 96 * piece.readableBytes + 2)
        #expect(body?.getSlice(at: 1, length: piece.readableBytes) == piece)
    }

    @Test func `one piece is kept as it came`() {
        var collector = BodyCollector(isJSON: true)
        let octets = ByteBuffer(string: #"{"a":1}"#)
        let error = add([octets], to: &collector)
        #expect(error == nil)
        #expect(place(collector) == octets.withUnsafeReadableBytes { $0.baseAddress })
    }

    @Test func `a small piece of a long read does not keep the read`() {
        var collector = BodyCollector(isJSON: true)
        var read = ByteBuffer(string: #"{"a":1}"#)
        read.reserveCapacity(64 * 1024)
        let error = add([read], to: &collector)
        #expect(error == nil)
        #expect(collector.octets == read)
        #expect(collector.octets?.storageCapacity ?? .max < 1_000)
    }
}
