import NIOCore
import NIOPosix
import RPC
import TestSupport
import Testing

@testable import Gateway

/// What a service's document says of a method holds at the gateway, too.
@Suite struct MethodTraitsTests {
    private static let document = Array(
        #"""
        {"openrpc":"1.3.2","methods":[{"name":"test.wait","x-long":true},\#
        {"name":"test.record","x-detached":true},{"name":"test.echo"}]}
        """#.utf8)

    @Test func `a router that stops sends waiting calls elsewhere at once, and finishes the others`() async throws {
        let log = CallLog()
        let service = RPCServer(
            methods: .double(log), group: MultiThreadedEventLoopGroup.singleton, logger: RunningRouter.logger)
        let place = HostPort(host: "127.0.0.1", port: try await service.start().port!)
        var configuration = RPCServerConfiguration()
        configuration.fallback = RouterFallback(
            ServiceDirectory(["test": [place]], documents: [Self.document]),
            group: MultiThreadedEventLoopGroup.singleton, logger: RunningRouter.logger)
        let router = RPCServer(
            methods: RPCMethods(), configuration: configuration, group: MultiThreadedEventLoopGroup.singleton,
            logger: RunningRouter.logger)
        let caller = try await FrameCaller(port: try await router.start().port!)
        _ = try await caller.ask(
            #"{"jsonrpc":"2.0","id":0,"method":"rpc.hello","params":{"versions":[1],"features":["goaway"]}}"#)
        try await caller.say(#"{"jsonrpc":"2.0","id":1,"method":"test.wait"}"#)
        try await eventually("the call") { log.started == ["test.wait"] }
        async let stopped: Void = router.stop(grace: .seconds(30))
        #expect(try await caller.hear().contains("rpc.goaway"))
        let sentAway = try await caller.hear()
        #expect(sentAway.contains(#""id":1,"#) && sentAway.contains(#""resume":true"#), "\(sentAway)")
        let served = try await caller.ask(#"{"jsonrpc":"2.0","id":2,"method":"test.echo","params":[2]}"#)
        #expect(served.contains(#""result":[2]"#), "\(served)")
        try await caller.say(#"{"jsonrpc":"2.0","method":"rpc.goaway_ack"}"#)
        await stopped
        try await eventually("the cancellation") { log.cancelled == ["test.wait"] }
        await caller.close()
        await service.stop(grace: .zero)
    }

    @Test(arguments: [true, false]) func `a detached call goes on when its caller leaves the router`(
        isDetached: Bool
    ) async throws {
        let log = CallLog()
        let service = RPCServer(
            methods: .double(log), group: MultiThreadedEventLoopGroup.singleton, logger: RunningRouter.logger)
        let port = try await service.start().port!
        let document = #"{"openrpc":"1.3.2","methods":[{"name":"test.wait","x-detached":\#(isDetached)}]}"#
        try await RunningRouter.run(["test": [port]], documents: [Array(document.utf8)]) { router in
            let caller = try await FrameCaller(port: router.port)
            // A plain peer that closes might still want its reply.
            _ = try await caller.ask(#"{"jsonrpc":"2.0","id":0,"method":"rpc.hello","params":{"versions":[1]}}"#)
            try await caller.say(#"{"jsonrpc":"2.0","id":1,"method":"test.wait"}"#)
            try await eventually("the call") { log.started == ["test.wait"] }
            await caller.close()
            let witness = try await FrameCaller(port: router.port)
            try await eventually("its end at the router") {
                try await witness.ask(#"{"jsonrpc":"2.0","id":1,"method":"rpc.stats"}"#).contains(#""connections":1,"#)
            }
            if !isDetached { try await Self.hearsOfCancel(port) }
            log.gate.open()
            try await eventually("the call's end") { log.ended == ["test.wait"] }
            #expect(log.cancelled == (isDetached ? [] : ["test.wait"]))
            await witness.close()
        }
        await service.stop(grace: .zero)
    }

    @Test(arguments: [true, false]) func `a detached call goes on when its client leaves the façade`(
        isDetached: Bool
    ) async throws {
        let document = #"{"openrpc":"1.3.2","methods":[{"name":"test.wait","x-detached":\#(isDetached)}]}"#
        try await GatewayHarness.run(documents: [Array(document.utf8)]) { harness in
            let client = try await harness.connect()
            try await client.send(request("GET /wait"))
            try await eventually("the call") { harness.log.started == ["test.wait"] }
            await client.close()
            try await eventually("its end at the façade") { harness.gateway.load.calls == 0 }
            if !isDetached { try await Self.hearsOfCancel(harness.servicePort) }
            harness.log.gate.open()
            try await eventually("the call's end") { harness.log.ended == ["test.wait"] }
            #expect(harness.log.cancelled == (isDetached ? [] : ["test.wait"]))
        }
    }

    /// Returns when the service has ended a call because its caller does not want it.
    private static func hearsOfCancel(_ port: Int) async throws {
        let witness = try await FrameCaller(port: port)
        try await eventually("the cancellation") {
            try await witness.ask(#"{"jsonrpc":"2.0","id":1,"method":"rpc.stats"}"#).contains(#""CANCELLED":1"#)
        }
        await witness.close()
    }
}
