import JSONBytes
import NIOCore
import NIOPosix
import RPC
import TestSupport
import Testing

/// What happens when something takes too long.
@Suite struct TimeTests {
    @Test func `a method's own time limit ends a plain peer's call`() async throws {
        let doors = Doors()
        try await withServer({ doors.register(&$0, options: .init(timeout: .milliseconds(20))) }) { server in
            let peer = try await VectorPeer(server)
            try await peer.say(request(1, "wait"))
            #expect(try await peer.hear()["error"]?["data"]?["status"] == "DEADLINE_EXCEEDED")
            try await eventually { doors.cancelled == 1 }
        }
    }

    @Test func `an early deadline is not held up by a late one`() async throws {
        let doors = Doors()
        try await withServer({ doors.register(&$0) }) { server in
            let peer = try await VectorPeer(server)
            try await peer.hello()
            try await peer.say(
                request(1, "wait", meta: #"{"timeout_ms":60000}"#), request(2, "wait", meta: #"{"timeout_ms":20}"#),
                request(3, "wait", meta: #"{"timeout_ms":40}"#))
            #expect(try await peer.hear()["id"] == 2)
            #expect(try await peer.hear()["id"] == 3)
            try await eventually { doors.cancelled == 2 }
        }
    }

    @Test func `a frame that does not come to its end is given up`() async throws {
        var configuration = RPCServerConfiguration()
        configuration.limits.frameDuration = .milliseconds(30)
        try await withServer(configuration: configuration, { _ in }) { server in
            let peer = try await VectorPeer(server)
            try await peer.send([0, 0, 0, 9, 0x7B])
            #expect(try await peer.hear()["error"]?["code"] == -32054)
            #expect(try await peer.framesToEnd().isEmpty)
        }
    }

    @Test func `a long frame earns its time by its length`() async throws {
        var configuration = RPCServerConfiguration()
        configuration.limits.frameDuration = .zero
        configuration.limits.frameBytesPerSecondMin = 10
        try await withServer(configuration: configuration, { $0.register("echo", raw: { $0.params! }) }) { server in
            let peer = try await VectorPeer(server)
            let octets = VectorOctets.framed(Array(request(1, "echo", "[1]").utf8))
            try await peer.send(Array(octets.prefix(10)))
            try await peer.send(Array(octets.dropFirst(10)))
            #expect(try await peer.hear()["result"]?.elements == [1])
        }
    }

    @Test func `a frame whose length came in parts has the time of its length`() async throws {
        let doors = Doors()
        var configuration = RPCServerConfiguration()
        configuration.limits.frameDuration = .seconds(2)
        configuration.limits.frameBytesPerSecondMin = 1
        try await withServer(
            configuration: configuration, { doors.register(&$0, options: .init(timeout: .seconds(3))) }
        ) { server in
            let frame = VectorOctets.framed(Array(request(1, "echo", "[1]").utf8))
            let other = try await VectorPeer(server)
            let peer = try await VectorPeer(server)
            try await peer.send(Array(frame.prefix(2)))
            try await other.say(request(1, "rpc.ping"))
            _ = try await other.hear()
            try await peer.send(Array(frame.dropFirst(2).dropLast()))
            // Longer than a frame of no length has.
            try await other.say(request(2, "wait"))
            try #expect(await other.hear()["error"]?["code"] == -32054)
            doors.gate.open()
            try await peer.send([frame.last!])
            try #expect(await peer.hear()["result"] == [1])
        }
    }

    @Test func `a peer that takes little, but steadily, gets all of its reply`() async throws {
        var configuration = RPCServerConfiguration()
        configuration.limits.writeStallDuration = .seconds(2)
        configuration.limits.discardDuration = .seconds(2)
        let reply = array(bytes: 30_000_000)
        try await withServer(configuration: configuration, { $0.register("large", raw: { _ in reply }) }) { server in
            let peer = try await SlowReader(port: server.port)
            peer.write(VectorOctets.framed(Array(request(1, "large").utf8)))
            try await eventually(within: .seconds(60), "the reply") { peer.received > reply.readableBytes }
            await peer.close()
        }
    }

    @Test func `a peer that takes nothing is given up`() async throws {
        let doors = Doors()
        var configuration = RPCServerConfiguration()
        configuration.limits.writeStallDuration = .milliseconds(100)
        try await withServer(configuration: configuration, { doors.register(&$0) }) { server in
            let peer = try await SilentReader(port: server.port)
            let large = "[\"" + String(repeating: "x", count: 1_000_000) + "\"]"
            let frame = VectorOctets.framed(Array(request(1, "echo", large).utf8))
            _ = try? await peer.offer(frame, times: 20)
            try await eventually { server.server.connectionCount == 0 }
        }
    }

    @Test func `a handler that goes on after its time does not hold up the caller`() async throws {
        let end = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: ByteBuffer.self)
        try await withServer({ $0.register("stubborn", raw: { _ in try await end.futureResult.get() }) }) { server in
            let client = server.client()
            await #expect(throws: RPCError.self) {
                try await client.call("stubborn", options: .init(timeout: .milliseconds(20)))
            }
            end.succeed(ByteBuffer(string: "1"))
            await client.close()
        }
    }

    @Test func `the client's own clock ends a call the server forgets`() async throws {
        let forgetful = try await ScriptedServer.start { message in
            var outbox = FrameOutbox()
            let limits = RPCHelloLimits(frameBytesMax: 1 << 20, inFlightMax: 8)
            let hello = RPCHello(peer: "forgetful/1", role: "service", limits: limits)
            if message == 0 { outbox.appendReply(id: RPCMessageID(0), result: hello.result) }
            return outbox
        }
        var configuration = RPCClientConfiguration()
        configuration.deadlineGrace = .milliseconds(5)
        let client = RPCClient(
            host: "127.0.0.1", port: forgetful.port, configuration: configuration,
            group: MultiThreadedEventLoopGroup.singleton, logger: .quiet)
        // Connecting and hello take their time on a busy machine, which is the call's, too.
        _ = try? await client.call("first", options: .init(timeout: .seconds(5)))
        do {
            _ = try await client.call("forgotten", options: .init(timeout: .milliseconds(20)))
            Issue.record("expected a deadline")
        } catch let error as RPCError {
            #expect(error.status == .deadlineExceeded)
            #expect(!error.notStarted)
        }
        await client.close()
        try await forgetful.close()
    }
}
