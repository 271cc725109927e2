import JSONBytes
import NIOCore
import RPC
import TestSupport
import Testing

@Suite struct LimitTests {
    @Test func `a reply to a batch is bounded, the rest is told so`() async throws {
        var configuration = RPCServerConfiguration()
        configuration.limits.batchReplyBytesMax = 500
        try await withServer(configuration: configuration, { $0.register("echo", raw: { $0.params! }) }) { server in
            let peer = try await VectorPeer(server)
            let text = #"[""# + String(repeating: "x", count: 230) + #""]"#
            try await peer.say("[" + (1...3).map { request($0, "echo", text) }.joined(separator: ",") + "]")
            let codes = try await peer.hear().elements?.map { $0["error"]?["code"]?.integer ?? 0 }
            #expect(codes == [0, -32070, -32070])
        }
    }

    @Test func `after a frame too long the rest is thrown away, up to a bound`() async throws {
        var configuration = RPCServerConfiguration()
        configuration.limits.plainFrameBytesMax = 100
        configuration.limits.discardBytesMax = 1000
        configuration.limits.discardDuration = .seconds(60)
        try await withServer(configuration: configuration, { _ in }) { server in
            let peer = try await VectorPeer(server)
            try await peer.send([0, 0, 0, 101] + [UInt8](repeating: 0x20, count: 101))
            let error = try await peer.hear()["error"]
            #expect(error?["code"] == -32070)
            #expect(error?["data"]?["limit"] == 100)
            #expect(error?["data"]?["length"] == 101)
            try? await peer.send([UInt8](repeating: 0x20, count: 2000))
            try await eventually { server.server.connectionCount == 0 }
        }
    }

    @Test func `throwing away ends by itself`() async throws {
        var configuration = RPCServerConfiguration()
        configuration.limits.discardDuration = .milliseconds(20)
        try await withServer(configuration: configuration, { _ in }) { server in
            let peer = try await VectorPeer(server)
            try await peer.send([0xFF, 0xFF, 0xFF, 0xFF])
            #expect(try await peer.hear()["error"]?["data"]?["length"] == 4_294_967_295)
            try await eventually { server.server.connectionCount == 0 }
        }
    }

    @Test func `a negotiated peer that asks and never reads is refused, then closed`() async throws {
        var configuration = RPCServerConfiguration()
        configuration.limits.refusalBytesMax = 1000
        try await withServer(configuration: configuration, { $0.register("echo", raw: { $0.params! }) }) { server in
            let peer = try await SilentReader(port: server.port)
            let hello = #"{"jsonrpc":"2.0","id":0,"method":"rpc.hello","params":{"versions":[1],"features":[]}}"#
            _ = try await peer.offer(VectorOctets.framed(Array(hello.utf8)), times: 1)
            let large = "[\"" + String(repeating: "x", count: 100_000) + "\"]"
            _ = try? await peer.offer(VectorOctets.framed(Array(request(1, "echo", large).utf8)), times: 200)
            try await eventually { server.server.connectionCount == 0 }
        }
    }

    @Test func `what a handler throws by accident stays in the log`() async throws {
        struct Accident: Error {}
        try await withServer({ $0.register("fail", raw: { _ in throw Accident() }) }) { server in
            let peer = try await VectorPeer(server)
            try await peer.say(request(1, "fail"))
            let error = try await peer.hear()["error"]
            #expect(error?["code"] == -32603)
            #expect(error?["message"] == "the method 'fail' failed")
        }
    }

    @Test func `the role gateway needs its secret`() async throws {
        var configuration = RPCServerConfiguration()
        configuration.gatewaySecret = "right"
        try await withServer(configuration: configuration, { $0.register("who", raw: who) }) { server in
            for (secret, role, isBelieved) in [
                ("right", "gateway", true), ("wrong", "gateway", nil), (nil, "x", false),
            ]
                as [(String?, String, Bool?)]
            {
                var options = RPCClientConfiguration()
                options.role = role
                options.gatewaySecret = secret
                let client = server.client(configuration: options)
                var meta = RPCMeta()
                meta.principal = ByteBuffer(string: #"{"sub":"u"}"#)
                let answer = try? await client.call("who", options: .init(meta: meta))
                #expect(answer.map { String(buffer: $0) } == isBelieved.map { $0 ? "true" : "false" })
                await client.close()
            }
        }
    }
}

extension LimitTests {
    @Test func `where no secret is set nobody is believed to be the gateway`() async throws {
        try await withServer({ $0.register("who", raw: who) }) { server in
            for secret in [nil, "", "any"] {
                var options = RPCClientConfiguration()
                options.role = "gateway"
                options.gatewaySecret = secret
                let client = server.client(configuration: options)
                var meta = RPCMeta()
                meta.principal = ByteBuffer(string: #"{"sub":"u"}"#)
                let answer = try await client.call("who", options: .init(meta: meta))
                #expect(String(buffer: answer) == "false")
                await client.close()
            }
        }
    }
}

@Sendable private func who(_ context: RPCContext) -> ByteBuffer {
    ByteBuffer(string: context.meta.principal == nil ? "false" : "true")
}
