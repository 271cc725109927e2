import NIOCore
import NIOPosix
import RPC
import TestSupport
import Testing

@testable import Gateway

/// More calls that wait than are ever in flight of those that work, all of them through one gateway.
@Suite struct WaitingCallsTests {
    private static let count = 300
    private static let document = Array(
        #"{"openrpc":"1.3.2","methods":[{"name":"test.wait","x-long":true},{"name":"test.echo"}]}"#.utf8)

    @Test func `three hundred calls wait at a service, and small ones pass them`() async throws {
        let log = CallLog()
        let service = RPCServer(
            methods: .double(log), group: MultiThreadedEventLoopGroup.singleton, logger: RunningRouter.logger)
        let port = try await service.start().port!
        try await RunningRouter.run(["test": [port]], documents: [Self.document]) { router in
            let client = router.client()
            let waiting = (0..<Self.count).map { _ in client.events("test.wait") }
            try await eventually("all of them to wait") { log.started.count == Self.count }
            #expect(try await client.call("test.echo", ByteBuffer(string: "[1]")) == ByteBuffer(string: "[1]"))
            log.gate.open()
            for events in waiting { for try await _ in events {} }
            await client.close()
        }
        await service.stop(grace: .zero)
    }
}
