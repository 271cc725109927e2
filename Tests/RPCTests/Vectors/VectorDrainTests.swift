import DemoService
import JSONBytes
import Logging
import NIOCore
import NIOPosix
import RPC
import TestSupport
import Testing

/// A server that stops, seen from the socket: section 8 of the specification.
@Suite struct VectorDrainTests {
    @Test func aPlainPeerGetsTheRepliesOfItsCalls() async throws {
        try await withStoppingServer { peer in
            try await peer.send(call(1, "demo.sleep", #"{"ms":500}"#) + call(2, "rpc.ping"))
            try #expect(await peer.frame().description.contains(#""id":2"#))
        } then: { peer in
            let frames = try await peer.framesToEnd()
            #expect(frames.map(\.description) == [#"{"jsonrpc":"2.0","id":1,"result":{"slept_ms":500}}"#])
        }
    }

    @Test func aNegotiatedPeerIsRefusedFurtherCallsAndGetsTheRepliesOfOthers() async throws {
        let doors = Doors()
        try await withStoppingServer(doors) { peer in
            try await peer.send(call(0, "rpc.hello", #"{"versions":[1],"features":["meta"]}"#))
            _ = try await peer.frame()
            try await peer.send(call(1, "wait") + call(2, "rpc.ping"))
            try #expect(await peer.frame().description.contains(#""id":2"#))
        } then: { peer in
            var health = ""
            while !health.contains("draining") {
                try await peer.send(call(3, "rpc.health"))
                health = try await peer.frame().description
            }
            try await peer.send(call(4, "get_data"))
            let refusal: JSONValue = [
                "id": 4, "error": ["code": -32064, "data": ["reason": "draining", "not_started": true]],
            ]
            let answer = try await peer.frame()
            #expect(VectorPattern(json: refusal).matches(answer), "\(answer)")
            doors.gate.open()
            let rest = try await peer.framesToEnd()
            let reply: JSONValue = ["id": 1, "result": true]
            try #require(rest.count == 1)
            #expect(VectorPattern(json: reply, allowsMeta: true).matches(rest[0]), "\(rest)")
        }
    }

    /// Stops the server between two parts of a conversation, and waits until it has stopped.
    private func withStoppingServer(
        _ doors: Doors = Doors(), _ before: (VectorPeer) async throws -> Void,
        then after: (VectorPeer) async throws -> Void
    ) async throws {
        var methods = DemoService.methods()
        doors.register(&methods)
        let server = RPCServer(
            methods: methods, group: MultiThreadedEventLoopGroup.singleton, logger: Logger(label: "test"))
        let peer = try await VectorPeer(port: try await server.start().port!, octetByOctet: false)
        try await before(peer)
        async let stopped: Void = server.stop(grace: .seconds(10))
        try await after(peer)
        await stopped
        await peer.close()
    }

    private func call(_ id: Int, _ method: String, _ params: String = "[]") -> [UInt8] {
        let text = #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":\#(params)}"#
        return VectorOctets.framed(Array(text.utf8))
    }
}
