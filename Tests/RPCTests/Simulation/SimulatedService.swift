import JSONBytes
import NIOCore
import RPC

/// What the servers of a simulation offer, and a book of what they did.
final class SimulatedService: @unchecked Sendable {
    /// How often the handler of each call began.
    private(set) var begun: [Int: Int] = [:]
    /// Calls that came from a peer that had not said hello.
    private(set) var plain: Set<Int> = []
    private let chance: Chance

    init(chance: Chance) {
        self.chance = chance
    }

    var methods: RPCMethods {
        var methods = RPCMethods()
        methods.register("do.quick") { try self.begin($0).reply }
        methods.register("do.large") { context in
            _ = try self.begin(context)
            return context.params!
        }
        methods.register("do.stubborn") { context in
            let asked = try self.begin(context)
            try await self.pause(on: context.eventLoop)
            return asked.reply
        }
        methods.register("do.items") { context in
            let asked = try self.begin(context)
            for index in 0..<asked.length {
                if self.chance.happens(percent: 20) { try await self.pause(on: context.eventLoop) }
                try await context.item(ByteBuffer(string: "[\(asked.number),\(index + 1)]"))
            }
            return asked.reply
        }
        methods.registerStream("do.octets") { context, opener in
            let asked = try self.begin(context)
            let writer = try await opener.open(RPCContent(type: "a/b", name: "\(asked.number)"))
            let octets = ByteBuffer(repeating: UInt8(truncatingIfNeeded: asked.number), count: 1000)
            for _ in 0..<asked.length { try await writer.write(octets) }
        }
        methods.register("do.long", options: .init(isLong: true)) { context in
            _ = try self.begin(context)
            try await self.untilCancelled()
            throw CancellationError()
        }
        return methods
    }

    private struct Asked {
        var number: Int
        var length: Int
        var reply: ByteBuffer { ByteBuffer(string: "\(number)") }
    }

    private func begin(_ context: RPCContext) throws -> Asked {
        let (number, length) = context.params!.withUnsafeReadableBytes { octets in
            (integer("number", in: octets), integer("length", in: octets))
        }
        let asked = Asked(number: number, length: length)
        begun[asked.number, default: 0] += 1
        if context.peerIsPlain { plain.insert(asked.number) }
        return asked
    }

    private func integer(_ name: String, in object: UnsafeRawBufferPointer) -> Int {
        JSONScanner.member(name, of: object).flatMap { JSONScanner.integer(JSONScanner.slice(object, $0)) } ?? -1
    }

    /// Does not end when the task is cancelled.
    private func pause(on eventLoop: any EventLoop) async throws {
        try await eventLoop.scheduleTask(in: .microseconds(Int64(chance.pick(0...30_000)))) {}.futureResult.get()
    }

    private func untilCancelled() async throws {
        let waiting = AsyncStream<Void>.makeStream()
        for await _ in waiting.stream {}
    }
}
