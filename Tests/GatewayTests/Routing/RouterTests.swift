import Logging
import NIOCore
import NIOPosix
import RPC
import TestSupport
import Testing

@testable import Gateway

/// A client, the router and a service, all over real sockets.
struct RouterTests {
    private static func run(
        _ body: @escaping @Sendable (RPCClient, _ routerPort: Int, CallLog) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let log = CallLog()
        var configuration = RPCServerConfiguration()
        configuration.gatewaySecret = "secret"
        let service = RPCServer(methods: .double(log), configuration: configuration, group: group, logger: logger)
        let address = HostPort(host: "127.0.0.1", port: try await service.start().port!)
        let router = try RPCRouter(
            services: ServiceDirectory(
                ["test": [address], "demo": [address]],
                credentials: [
                    "test": ServiceCredentials(secret: "secret"), "demo": ServiceCredentials(secret: "secret"),
                ]),
            configuration: .init(), group: group, logger: logger)
        let port = try await router.start().port!
        let client = RPCClient(host: "127.0.0.1", port: port, group: group, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try? await router.run() }
            try await withDeadline(.seconds(20), "the test") { try await body(client, port, log) }
            tasks.cancelAll()
        }
        await service.stop(grace: .zero)
    }

    @Test("a call goes to its service by prefix, and its parameters arrive as they were")
    func calls() async throws {
        try await Self.run { client, _, _ in
            let params = ByteBuffer(string: #"{"b":1.50,  "a":[1,2]}"#)
            let result = try await client.call("test.echo", params)
            #expect(result == params)
        }
    }

    @Test("errors come back with all they carry, and the method of an unknown service is one that nobody has")
    func errors() async throws {
        try await Self.run { client, _, _ in
            let missing = await #expect(throws: RPCError.self) { try await client.call("test.nothing", nil) }
            #expect(missing?.status == .unimplemented)
            let unknown = await #expect(throws: RPCError.self) { try await client.call("absent.method", nil) }
            #expect(unknown?.status == .unimplemented && unknown?.code == RPCError.methodNotFound)
            let dotless = await #expect(throws: RPCError.self) { try await client.call("subtract", nil) }
            #expect(dotless?.status == .unimplemented)
        }
    }

    @Test("byte streams pass through, and so do their ends")
    func streams() async throws {
        try await Self.run { client, _, _ in
            var octets = ByteBuffer()
            let whole = try await client.stream("test.file", ByteBuffer(string: #"{"name":"a"}"#))
            for try await chunk in whole { octets.writeImmutableBuffer(chunk) }
            #expect(String(buffer: octets) == "0123456789")
            let cut = try await client.stream("test.file", ByteBuffer(string: #"{"name":"cut"}"#))
            let error = await #expect(throws: RPCError.self) { for try await _ in cut {} }
            #expect(error?.status == .dataLoss)
        }
    }

    @Test("a call without a time limit is left to its method's own, and counted under its service")
    func limitsAndCounts() throws {
        let place = HostPort(host: "127.0.0.1", port: 1)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let routes = RouterFallback(
            ServiceDirectory(["export": [place], "demo": [place]]), group: MultiThreadedEventLoopGroup.singleton,
            logger: logger)
        #expect(routes.timeout > .seconds(7 * 86_400), "an export may be given a week")
        #expect(routes.groups.sorted() == ["demo.*", "export.*"])
        #expect(routes.group(of: "export.job.events") == "export.*")
        #expect(routes.group(of: "subtract") == "demo.*")
        #expect(routes.group(of: "absent.method") == nil)
    }

    @Test("a caller that goes away takes its call along")
    func cancellation() async throws {
        try await Self.run { client, _, log in
            let call = Task { try await client.call("test.wait", nil) }
            try await eventually("the call") { log.started == ["test.wait"] }
            call.cancel()
            try await eventually("the cancellation") { log.cancelled == ["test.wait"] }
        }
    }

    @Test("the service knows whether the router calls for a plain peer, whatever that one says")
    func plainCallers() async throws {
        try await Self.run { client, port, _ in
            var meta = RPCMeta()
            meta.callerIsPlain = true
            let negotiated = try await client.call("test.plain", nil, options: .init(meta: meta))
            #expect(String(buffer: negotiated) == "false")
            let plain = try await RawTCPClient(port: port)
            let message = #"{"jsonrpc":"2.0","id":1,"method":"test.plain","meta":{"plain":false}}"#
            try await plain.send(Array(ByteBuffer(integer: UInt32(message.utf8.count)).readableBytesView))
            try await plain.send(message)
            #expect(try await plain.read(until: "}").contains(#""result":true"#))
        }
    }

    @Test("a plain peer's pieces cost the service no more than themselves")
    func plainPieces() async throws {
        try await Self.run { _, port, log in
            var configuration = RPCClientConfiguration()
            configuration.isPlain = true
            let plain = RPCClient(
                host: "127.0.0.1", port: port, configuration: configuration,
                group: MultiThreadedEventLoopGroup.singleton, logger: Logger(label: "test"))
            var count = 0
            for try await piece in try await plain.stream("test.seekable") { count += piece.readableBytes }
            #expect(count == seekableBytes)
            #expect(log.octetsWritten == seekableBytes)
            await plain.close()
        }
    }

    @Test("nothing of a stranger's envelope but id, method and params reaches the service")
    func strangers() async throws {
        try await Self.run { _, port, _ in
            let client = try await RawTCPClient(port: port)
            let message = """
                {"jsonrpc":"2.0","id":"x","method":"test.meta","evil":1,\
                "meta":{"request_id":"forged","http":{"facade":"forged","method":"","path":"","base":"","ip":"","head":false}},\
                "params":{}}
                """
            var frame = ByteBuffer(integer: UInt32(message.utf8.count))
            frame.writeString(message)
            try await client.send(Array(frame.readableBytesView))
            let answer = try await client.read(until: "}}")
            #expect(answer.contains(#""request_id":"""#) && !answer.contains("forged"))
            #expect(answer.contains(#""id":"x""#))
        }
    }
}
