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

    @Test func `who comes when all places are taken is told so, and served when one is free`() async throws {
        var configuration = RPCServerConfiguration()
        configuration.connectionsMax = 2
        configuration.limits.discardDuration = .seconds(60)
        try await withServer(configuration: configuration, { $0.register("echo", raw: { $0.params! }) }) { server in
            let first = try await VectorPeer(server)
            let second = try await VectorPeer(server)
            for peer in [first, second] {
                try await peer.say(request(1, "echo", "[1]"))
                #expect(try await peer.hear()["result"] == [1])
            }
            // A crowd holds no more than those that are being told; the others are closed without a word.
            var crowd: [RawTCPClient] = []
            for _ in 0..<100 { crowd.append(try await RawTCPClient(port: server.port)) }
            try await eventually("the refusals") { crowd.count { !$0.received.isEmpty } == 64 }
            try await eventually("the ends") { crowd.allSatisfy(\.isEnded) }
            #expect(crowd.count { $0.received.isEmpty } == 36)
            let refusal = try #require(crowd.first { !$0.received.isEmpty })
            let text = String(decoding: refusal.received.dropFirst(4), as: UTF8.self)
            #expect(text.contains(#""id":null"#) && text.contains(#""code":-32064"#), "\(text)")
            #expect(text.contains(#""reason":"overloaded""#) && text.contains(#""not_started":true"#))
            for client in crowd { await client.close() }
            try await eventually("their places") { server.server.connectionCount == 2 }
            try await first.say(request(2, "echo", "[2]"))
            #expect(try await first.hear()["result"] == [2])
            await second.close()
            try await eventually("the free place") { server.server.connectionCount == 1 }
            let third = try await VectorPeer(server)
            try await third.say(request(1, "echo", "[3]"))
            #expect(try await third.hear()["result"] == [3])
        }
    }

    @Test func `a client of ours hears that there is no room, and comes back`() async throws {
        var configuration = RPCServerConfiguration()
        configuration.connectionsMax = 1
        try await withServer(configuration: configuration, { $0.register("echo", raw: { $0.params! }) }) { server in
            let holder = try await VectorPeer(server)
            try await holder.say(request(1, "echo", "[1]"))
            _ = try await holder.hear()
            var patient = RPCClientConfiguration()
            patient.retries.triesMax = 1
            let client = server.client(configuration: patient)
            let error = await #expect(throws: RPCError.self) {
                try await client.call("echo", ByteBuffer(string: "[2]"))
            }
            #expect(error?.status == .unavailable && error?.reason == "overloaded" && error?.notStarted == true)
            await holder.close()
            try await eventually("an answer") {
                (try? await client.call("echo", ByteBuffer(string: "[3]"))) == ByteBuffer(string: "[3]")
            }
            await client.close()
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

    @Test func `a negotiated peer that asks what the server says itself and never reads is closed`() async throws {
        let document =
            #"{"openrpc":"1.3.2","info":{"title":"\#(String(repeating: "x", count: 200_000))"},"methods":[]}"#
        try await withServer({ $0.describe(openRPC: Array(document.utf8)) }) { server in
            let peer = try await SilentReader(port: server.port)
            let hello = #"{"jsonrpc":"2.0","id":0,"method":"rpc.hello","params":{"versions":[1],"features":[]}}"#
            peer.write(VectorOctets.framed(Array(hello.utf8)))
            try await eventually("the connection") { server.server.connectionCount == 1 }
            peer.write((1...400).flatMap { VectorOctets.framed(Array(request($0, "rpc.discover").utf8)) })
            try await eventually("its end") { server.server.connectionCount == 0 }
            await peer.close()
        }
    }

    @Test func `a plain peer's frames wait while it does not read, and are answered when it does`() async throws {
        let document =
            #"{"openrpc":"1.3.2","info":{"title":"\#(String(repeating: "x", count: 200_000))"},"methods":[]}"#
        try await withServer({ $0.describe(openRPC: Array(document.utf8)) }) { server in
            let peer = try await VectorPeer(server)
            try await peer.send((1...200).flatMap { VectorOctets.framed(Array(request($0, "rpc.discover").utf8)) })
            try await peer.halfClose()
            #expect(try await peer.framesToEnd().count == 200)
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
