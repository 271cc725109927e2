import NIOCore
import RPC
import Testing

@Suite struct ChunkQueueTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private let chunkBytes = ExtendedFrame.chunkBytesMax

    @Test func `messages take turns, chunk by chunk`() throws {
        var queue = ChunkQueue<String>()
        add(to: &queue, 1, bytes: 2 * chunkBytes + 1, credit: 16, "one")
        add(to: &queue, 2, bytes: chunkBytes + 5, credit: 16, "two")
        var sent: [String] = []
        while let chunk = queue.next(now: start) {
            sent.append("\(chunk.id):\(chunk.payload.readableBytes)\(chunk.finished.map { " \($0)" } ?? "")")
        }
        #expect(sent == ["1:65536", "2:65536", "1:65536", "2:5 two", "1:1 one"])
        #expect(queue.isEmpty)
    }

    @Test func `only the first chunk carries the envelope, and the payload comes whole`() throws {
        var queue = ChunkQueue<Void>()
        let payload = ByteBuffer(bytes: (0..<200_000).map { UInt8($0 % 251) })
        queue.add(id: .init(7), head: ByteBuffer(string: "{}"), payload: payload, credit: 16, owner: (), now: start)
        var heads = 0
        var joined = ByteBuffer()
        while let chunk = queue.next(now: start) {
            if chunk.head != nil { heads += 1 }
            joined.writeImmutableBuffer(chunk.payload)
        }
        #expect(heads == 1)
        #expect(joined == payload)
    }

    @Test func `credit beyond counting is bounded, at the start and later`() {
        var queue = ChunkQueue<String>()
        add(to: &queue, 1, bytes: 3 * chunkBytes, credit: .max, "one")
        #expect(queue.grant(2, to: .init(1)) && queue.grant(.max, to: .init(1)) && queue.grant(.max, to: .init(1)))
        #expect(queue.next(now: start)?.id == .init(1))
    }

    @Test func `a message without credit waits and lets others pass`() {
        var queue = ChunkQueue<String>()
        add(to: &queue, 1, bytes: 3 * chunkBytes, credit: 1, "one")
        add(to: &queue, 2, bytes: chunkBytes, credit: 16, "two")
        #expect(queue.next(now: start)?.id == .init(1))
        #expect(queue.next(now: start)?.finished == "two")
        #expect(queue.next(now: start) == nil)
        #expect(queue.grant(1, to: .init(1)) == true)
        #expect(queue.next(now: start)?.id == .init(1))
        #expect(queue.next(now: start) == nil)
        #expect(queue.grant(1, to: .init(2)) == false)
    }

    @Test func `who waits too long for a credit is given up, and nobody else`() {
        var queue = ChunkQueue<String>()
        add(to: &queue, 1, bytes: chunkBytes + 1, credit: 0, "starved")
        add(to: &queue, 2, bytes: chunkBytes + 1, credit: 2, "fed")
        #expect(queue.stallTime(after: .seconds(60)) == start + .seconds(60))
        #expect(queue.removeStalled(now: start + .seconds(59), after: .seconds(60)).isEmpty)
        #expect(queue.removeStalled(now: start + .seconds(60), after: .seconds(60)).map(\.1) == ["starved"])
        #expect(queue.stallTime(after: .seconds(60)) == nil)
        #expect(queue.remove(.init(2)) == "fed")
        #expect(queue.isEmpty)
    }

    @Test func `a credit ends the wait, and a sum of credits cannot overflow`() {
        var queue = ChunkQueue<String>()
        add(to: &queue, 1, bytes: chunkBytes + 1, credit: 0, "one")
        #expect(queue.grant(.max, to: .init(1)) == true)
        #expect(queue.grant(.max, to: .init(1)) == true)
        #expect(queue.stallTime(after: .seconds(60)) == nil)
        #expect(queue.next(now: start) != nil)
    }

    private func add(to queue: inout ChunkQueue<String>, _ id: UInt64, bytes: Int, credit: Int, _ owner: String) {
        let payload = ByteBuffer(repeating: 0x20, count: bytes)
        queue.add(id: .init(id), head: ByteBuffer(), payload: payload, credit: credit, owner: owner, now: start)
    }
}
