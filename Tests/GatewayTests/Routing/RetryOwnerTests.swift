import NIOCore
import NIOPosix
import RPC
import Synchronization
import TestSupport
import Testing

@testable import Gateway

/// A client that sends failed calls again, through a gateway that does so, too: one of them has to.
@Suite struct RetryOwnerTests {
    private static let document = Array(
        #"{"openrpc":"1.3.2","methods":[{"name":"test.read","x-idempotency":"idempotent"},{"name":"test.write"}]}"#.utf8
    )

    /// How often a service hears of a call that it never does, and what the caller is told.
    private static func outage(
        _ method: String, isIdempotent: Bool? = nil, _ error: String
    ) async throws -> (tries: Int, told: RPCError?) {
        let heard = Atomic(0)
        let service = try await FrameServer.start { message, _ in
            let id = message.firstMatch(of: /"id":(\d+)/).map { String($0.1) } ?? "null"
            if message.contains("rpc.") {
                return .say([#"{"jsonrpc":"2.0","id":\#(id),"error":{"code":-32601,"message":"unknown"}}"#])
            }
            // A loop that stops takes its question for our health back.
            guard message.contains(method) else { return .say([]) }
            heard.add(1, ordering: .relaxed)
            return .say([#"{"jsonrpc":"2.0","id":\#(id),"error":\#(error)}"#])
        }
        let told = Mutex<RPCError?>(nil)
        try await RunningRouter.run(["test": [service.port]], documents: [document]) { router in
            let client = router.client(retries: .init())
            do {
                _ = try await client.call(method, options: .init(timeout: .seconds(15), isIdempotent: isIdempotent))
            } catch let error as RPCError {
                told.withLock { $0 = error }
            }
            await client.close()
        }
        try await service.stop()
        return (heard.load(ordering: .relaxed), told.withLock { $0 })
    }

    @Test(arguments: [nil, false, true]) func `four tries are four`(isIdempotent: Bool?) async throws {
        let refused = #"{"code":-32064,"message":"full","data":{"not_started":true}}"#
        for method in ["test.read", "test.write"] {
            let (tries, told) = try await Self.outage(method, isIdempotent: isIdempotent, refused)
            #expect(tries == 4, "\(method)")
            #expect(told?.status == .unavailable && told?.tries == 4)
        }
    }

    @Test func `an idempotent call that was begun is the gateway's to repeat, if it knows the method`() async throws {
        let failed = #"{"code":-32064,"message":"the store is away"}"#
        let (known, told) = try await Self.outage("test.read", isIdempotent: true, failed)
        #expect(known == 4 && told?.tries == 4)
        let (unknown, left) = try await Self.outage("test.write", isIdempotent: true, failed)
        #expect(unknown == 4 && left?.tries == 4, "the caller's tries, each of them one of the gateway's")
        let (once, answer) = try await Self.outage("test.write", isIdempotent: false, failed)
        #expect(once == 1 && answer?.tries == nil)
    }
}
