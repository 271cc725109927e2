import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import RPC

/// What is left of a call once it is over: its parameters may have been megabytes.
@Suite struct HandlerMemoryTests {
    /// The calls a handler has seen, without keeping them.
    private final class Seen: Sendable {
        private struct WeakCall { weak var call: RPCServerCall? }
        private let calls = Mutex<[WeakCall]>([])

        func note(_ call: RPCServerCall) { calls.withLock { $0.append(WeakCall(call: call)) } }
        var count: Int { calls.withLock { $0.count } }
        var keptCount: Int { calls.withLock { $0.filter { $0.call != nil }.count } }
    }

    @Test(arguments: [false, true])
    func nothingOfACallIsKeptByAnIdleConnection(_ waits: Bool) async throws {
        let seen = Seen()
        try await withServer { methods in
            methods.register("see") { context in
                seen.note(context.call)
                if waits { await Task.yield() }
                return ByteBuffer(string: "true")
            }
        } _: { running in
            let client = running.client()
            for count in 1...3 {
                _ = try await client.call("see", ByteBuffer(string: "{}"))
                #expect(seen.count == count)
                try await eventually("call \(count) to be let go") { seen.keptCount == 0 }
            }
            await client.close()
        }
    }
}
