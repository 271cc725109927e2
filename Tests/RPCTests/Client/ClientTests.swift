import NIOCore
import NIOPosix
import RPC
import TestSupport
import Testing

@Suite struct ClientTests {
    struct Point: Codable, Sendable, Equatable {
        var x: Int
        var y: Int
    }

    private static let mirror = RPCContract<Point, Point>("mirror")

    @Test func `typed calls cross the wire`() async throws {
        try await withServer({ $0.register(Self.mirror) { point, _ in Point(x: point.y, y: point.x) } }) { server in
            let client = server.client()
            let mirrored = try await client.call(Self.mirror, Point(x: 1, y: 2))
            #expect(mirrored == Point(x: 2, y: 1))
            await client.close()
        }
    }

    @Test(
        arguments: [
            (#"{"x":1}"#, ["y"], "missing"), (#"{"x":1,"y":"2"}"#, ["y"], "int_type"), ("[]", [], "dict_type"),
        ] as [(String, [RPCViolation.PathElement], String)])
    func `parameters that do not fit say where and how`(
        params: String, path: [RPCViolation.PathElement], type: String
    ) async throws {
        try await withServer({ $0.register(Self.mirror) { point, _ in point } }) { server in
            let client = server.client()
            do {
                _ = try await client.call("mirror", ByteBuffer(string: params))
                Issue.record("expected a refusal")
            } catch let error as RPCError {
                #expect(error.status == .invalidArgument)
                #expect(error.details.first?.path == path)
                #expect(error.details.first?.type == type)
            }
            await client.close()
        }
    }

    @Test func `cancelling a task cancels its call on the server`() async throws {
        let doors = Doors()
        try await withServer({ doors.register(&$0) }) { server in
            let client = server.client()
            let call = Task { try await client.call("wait") }
            try await eventually { doors.begun == 1 }
            call.cancel()
            await #expect(throws: CancellationError.self) { try await call.value }
            try await eventually { doors.cancelled == 1 }
            await client.close()
        }
    }

    @Test func `calls beyond what was agreed on wait at the client`() async throws {
        let doors = Doors()
        var configuration = RPCServerConfiguration()
        configuration.limits.inFlightMax = 4
        try await withServer(configuration: configuration, { doors.register(&$0) }) { server in
            let client = server.client()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { _ = try await client.call("wait") } }
                try await eventually { doors.begun == 4 }
                doors.gate.open()
                try await group.waitForAll()
            }
            await client.close()
        }
    }

    @Test func `where nobody listens a call fails at once and was not started`() async throws {
        let client = RPCClient(
            host: "127.0.0.1", port: 1, group: MultiThreadedEventLoopGroup.singleton, logger: .quiet)
        for _ in 0..<2 {
            do {
                _ = try await client.call("x")
                Issue.record("expected a failure")
            } catch let error as RPCError {
                #expect(error.status == .unavailable)
                #expect(error.notStarted)
            }
        }
        await client.close()
    }

    @Test func `a lost connection fails its calls, and the next call makes a new one`() async throws {
        let doors = Doors()
        var port = 0
        try await withServer({ doors.register(&$0) }) { port = $0.port }
        let client = RPCClient(
            host: "127.0.0.1", port: port, group: MultiThreadedEventLoopGroup.singleton, logger: .quiet)
        for _ in 0..<2 {
            var configuration = RPCServerConfiguration()
            configuration.port = port
            try await withServer(configuration: configuration, { doors.register(&$0) }) { server in
                try await eventually { (try? await client.call("echo")) != nil }
                let begun = doors.begun
                let call = Task { try await client.call("wait") }
                try await eventually { doors.begun > begun }
                await server.server.stop(grace: .zero)
                await #expect(throws: RPCError.self) { try await call.value }
            }
        }
        await client.close()
    }

    @Test func `a client without hello is a plain peer`() async throws {
        try await withServer({ methods in
            methods.register("plain", raw: { ByteBuffer(string: $0.peerIsPlain ? "true" : "false") })
        }) { server in
            var configuration = RPCClientConfiguration()
            configuration.isPlain = true
            for (client, expected) in [
                (server.client(configuration: configuration), "true"), (server.client(), "false"),
            ] {
                let answer = try await client.call("plain")
                #expect(String(buffer: answer) == expected)
                await client.close()
            }
        }
    }

    @Test func `a closed client says so`() async throws {
        try await withServer({ _ in }) { server in
            let client = server.client()
            await client.close()
            await #expect(throws: RPCError.self) { try await client.call("rpc.ping") }
        }
    }
}
