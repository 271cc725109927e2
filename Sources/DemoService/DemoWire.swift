import NIOCore
import RPC

/// One method for each thing the wire can do: answer, wait, tell on the way, stream.
enum DemoWire {
    private static let waitMillisecondsMax = 60_000
    private static let itemsMax = 100_000
    private static let streamBytesMax = 1 << 30

    /// Answers its parameters as they were written.
    @Sendable
    static func echo(_ context: RPCContext) -> ByteBuffer {
        context.params ?? DemoAnswer.null
    }

    /// Answers after `ms`; a cancelled call or one whose time is over ends at once, because the task is cancelled.
    @Sendable
    static func sleep(_ context: RPCContext) async throws -> ByteBuffer {
        let milliseconds = try DemoParameters(context.params).integer("ms", in: 0...waitMillisecondsMax)
        try await Task.sleep(for: .milliseconds(milliseconds))
        return DemoAnswer.object("slept_ms", milliseconds)
    }

    /// Sends the items 1 to `to`, each with a progress event in front if asked for, and answers how many there were.
    @Sendable
    static func count(_ context: RPCContext) async throws -> ByteBuffer {
        let parameters = try DemoParameters(context.params)
        let last = try parameters.integer("to", in: 0...itemsMax)
        let pause = try parameters.integer("every_ms", in: 0...waitMillisecondsMax, default: 0)
        let reportsProgress = try parameters.bool("progress", default: false)
        for number in 0..<last {
            if pause > 0 { try await Task.sleep(for: .milliseconds(pause)) }
            if reportsProgress { context.progress(ByteBuffer(string: #"{"done":\#(number + 1),"total":\#(last)}"#)) }
            try await context.item(ByteBuffer(string: String(number + 1)))
        }
        return DemoAnswer.object("counted", last)
    }

    /// Part of a list of the numbers 1 to `total`: as many as the caller takes octets, beginning behind `after`.
    @Sendable
    static func list(_ context: RPCContext) throws -> ByteBuffer {
        let parameters = try DemoParameters(context.params)
        let total = try parameters.integer("total", in: 0...itemsMax, default: 10_000)
        let after = try parameters.integer("after", in: 0...Int.max - 1, default: 0)
        let octets = RPCListWriter.bytesMin...Int.max
        let asked = try parameters.integer(
            RPCListWriter.parameter, in: octets, default: context.listBytesMax(asked: nil))
        var list = RPCListWriter(bytesMax: asked)
        var number = after + 1
        while number <= total, list.add(Array(#"{"number":\#(number)}"#.utf8)) { number += 1 }
        return list.result()
    }

    /// Streams octets that tell their own offset, so that a receiver can check every one of them.
    @Sendable
    static func stream(_ context: RPCContext, _ opener: RPCStreamOpener) async throws {
        let parameters = try DemoParameters(context.params)
        let size = try parameters.integer("bytes", in: 0...streamBytesMax)
        let failure = try parameters.integer("fail_at", in: 0...streamBytesMax, default: streamBytesMax)
        let writer = try await opener.open(RPCContent(type: "application/octet-stream", name: "demo.bin", size: size))
        let end = min(size, failure)
        var offset = 0
        while offset < end {
            let count = min(DemoPattern.pieceBytes, end - offset)
            try await writer.write(DemoPattern.octets(from: offset, count: count))
            offset += count
        }
        if failure < size {
            throw RPCError(.dataLoss, reason: "fail_at", "the stream breaks at offset \(failure), as asked for")
        }
    }
}

/// The content of `demo.stream`: the octet at offset n is n modulo 251, a prime, so that no block size hides a mistake.
enum DemoPattern {
    static let pieceBytes = 64 * 1024
    private static let period = 251
    private static let table = ByteBuffer(bytes: (0..<pieceBytes + period).map { UInt8($0 % period) })

    /// Octets of the pattern, sharing the table's memory; at most `pieceBytes`.
    static func octets(from offset: Int, count: Int) -> ByteBuffer {
        table.getSlice(at: offset % period, length: count)!
    }
}
