import JSONBytes
import NIOCore
import RPC
import TestSupport
import Testing

/// Chunks on raw octets: what a server says to those who send them well and badly.
@Suite struct ChunkConversationTests {
    @Test func `a call in chunks stops half-way and is ended`() async throws {
        var configuration = RPCServerConfiguration()
        configuration.limits.chunkDuration = .milliseconds(50)
        try await withServer(configuration: configuration) {
            Doors().register(&$0)
        } _: { server in
            let peer = try await VectorPeer(server)
            try await peer.hello()
            try await peer.chunk(#"{"jsonrpc":"2.0","id":1,"method":"echo"}"#, "[1,", isLast: false)
            let reply = try await peer.hear()
            #expect(reply["id"] == 1)
            #expect(reply["error"]?["code"] == -32054)
            #expect(reply["error"]?["data"]?["reason"] == "frame")
            try await peer.chunk(#"{"jsonrpc":"2.0","id":1}"#, "2]", isLast: true)
            try await peer.say(request(2, "echo", "[2]"))
            try #expect(await peer.hear()["id"] == 2)
            await peer.close()
        }
    }

    @Test func `a reply in chunks for which no credit comes is ended`() async throws {
        var configuration = RPCServerConfiguration()
        configuration.limits.creditDuration = .milliseconds(50)
        try await withServer(configuration: configuration) { methods in
            methods.register("long", raw: { _ in array(bytes: 2 << 20) })
        } _: { server in
            let peer = try await VectorPeer(server)
            try await peer.hello()
            try await peer.say(request(1, "long"))
            for _ in 0..<16 { try #expect(await peer.isChunk(of: 1, more: true)) }
            let reply = try await peer.hear()
            #expect(reply["id"] == 1)
            #expect(reply["error"]?["data"]?["reason"] == "stalled")
            try await eventually("the call's end") { server.server.connectionCount == 1 }
            await peer.close()
        }
    }

    @Test func `a call given up half-way is answered, and so is one whose reply is half gone`() async throws {
        try await withServer { methods in
            methods.register("echo", raw: { $0.params ?? ByteBuffer() })
            methods.register("long", raw: { _ in array(bytes: 2 << 20) })
        } _: { server in
            let peer = try await VectorPeer(server)
            try await peer.hello()
            try await peer.chunk(#"{"jsonrpc":"2.0","id":1,"method":"echo"}"#, "[1,", isLast: false)
            try await peer.say(request(2, "rpc.cancel", #"{"id":1}"#))
            try #expect(await peer.hear()["error"]?["data"]?["not_started"] == true)
            try #expect(await peer.hear()["result"] == true)

            try await peer.say(request(3, "long"))
            for _ in 0..<16 { try #expect(await peer.isChunk(of: 3, more: true)) }
            try await peer.say(request(4, "rpc.cancel", #"{"id":3}"#))
            try #expect(await peer.hear()["error"]?["code"] == -32051)
            try #expect(await peer.hear()["result"] == true)
            await peer.close()
        }
    }

    @Test func `credits beyond counting are as good as many`() async throws {
        try await withServer { methods in
            methods.register("long", raw: { _ in array(bytes: 16 << 20) })
        } _: { server in
            let peer = try await VectorPeer(server)
            try await peer.hello("meta", "xframe")
            try await peer.say(request(1, "long", meta: #"{"stream":{"credit":9223372036854775807}}"#))
            var octets = 0
            var isLast = false
            while !isLast {
                guard case .extended(let flags, _, let payload) = try await peer.frame() else { continue }
                if octets == 0 { try await peer.say(request(2, "rpc.credit", #"{"id":1,"n":9223372036854775807}"#)) }
                octets += payload.count
                isLast = flags == 0
            }
            #expect(octets == 16 << 20)
            await peer.close()
        }
    }

    @Test func `a small reply does not wait for a long one`() async throws {
        try await withServer { methods in
            methods.register("echo", raw: { $0.params ?? ByteBuffer() })
            methods.register("long", raw: { _ in array(bytes: 2 << 20) })
        } _: { server in
            let peer = try await VectorPeer(server)
            try await peer.hello()
            try await peer.say(request(1, "long"), request(2, "echo", "[2]"))
            var chunks = 0
            while case .extended = try await peer.frame() { chunks += 1 }
            #expect(chunks < 16)
            await peer.close()
        }
    }

    @Test func `calls above the agreed number are refused at their first chunk`() async throws {
        var configuration = RPCServerConfiguration()
        configuration.limits.inFlightMax = 2
        try await withServer(configuration: configuration) {
            Doors().register(&$0)
        } _: { server in
            let peer = try await VectorPeer(server)
            try await peer.hello()
            for id in 1...3 {
                try await peer.chunk(#"{"jsonrpc":"2.0","id":\#(id),"method":"echo"}"#, "[", isLast: false)
            }
            let reply = try await peer.hear()
            #expect(reply["id"] == 3)
            #expect(reply["error"]?["data"]?["reason"] == "overloaded")
            #expect(reply["error"]?["data"]?["not_started"] == true)
            await peer.close()
        }
    }
}

extension VectorPeer {
    /// Sends one x-frame.
    func chunk(_ header: String, _ payload: String, isLast: Bool) async throws {
        try await send(VectorOctets.extended(flags: isLast ? 0 : 4, header: header, payload: Array(payload.utf8)))
    }

    /// Whether the next frame is a chunk of that reply.
    fileprivate func isChunk(of id: Int, more: Bool) async throws -> Bool {
        guard case .extended(let flags, let header, let payload) = try await frame() else { return false }
        return header["id"]?.integer == id && flags == (more ? 4 : 0) && payload.count <= ExtendedFrame.chunkBytesMax
    }
}
