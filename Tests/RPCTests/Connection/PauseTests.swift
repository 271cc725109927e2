import JSONBytes
import NIOCore
import RPC
import TestSupport
import Testing

@Suite struct PauseTests {
    @Test func `a plain peer's calls beyond the limit wait, and all are answered`() async throws {
        let doors = Doors()
        try await withServer({ doors.register(&$0) }) { server in
            let peer = try await VectorPeer(server)
            for id in 1...300 { try await peer.say(request(id, "wait")) }
            try await eventually { doors.begun == 64 }
            doors.gate.open()
            var ids = Set<Int>()
            for _ in 1...300 { ids.insert(try await peer.hear()["id"]?.integer ?? 0) }
            #expect(ids == Set(1...300))
        }
    }

    @Test func `never more than the limit run at once`() async throws {
        let doors = Doors()
        var configuration = RPCServerConfiguration()
        configuration.limits.plainInFlightMax = 3
        try await withServer(configuration: configuration, { doors.register(&$0) }) { server in
            let peer = try await VectorPeer(server)
            let batch = "[" + (1...10).map { request($0, "wait") }.joined(separator: ",") + "]"
            try await peer.say(batch)
            try await eventually { doors.begun == 3 }
            try await peer.say(request(11, "rpc.ping"))
            #expect(try await peer.hear()["id"] == 11)
            #expect(doors.begun == 3)
            doors.gate.open()
            #expect(try await peer.hear().elements?.count == 10)
        }
    }

    @Test func `a cancel is obeyed while calls wait`() async throws {
        let doors = Doors()
        var configuration = RPCServerConfiguration()
        configuration.limits.plainInFlightMax = 1
        try await withServer(configuration: configuration, { doors.register(&$0) }) { server in
            let peer = try await VectorPeer(server)
            try await peer.say(request(1, "wait"), request(2, "wait"), request(3, "echo", "[3]"))
            try await peer.say(#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":2}}"#)
            let cancelled = try await peer.hear()
            #expect(cancelled["id"] == 2)
            #expect(cancelled["error"]?["code"] == -32051)
            #expect(cancelled["error"]?["data"]?["not_started"] == true)
            try await peer.say(#"{"jsonrpc":"2.0","method":"rpc.cancel","params":{"id":1}}"#)
            #expect(try await peer.hear()["id"] == 1)
            #expect(try await peer.hear()["result"]?.elements == [3])
        }
    }

    @Test func `a plain peer that reads nothing is not read either`() async throws {
        let doors = Doors()
        try await withServer({ doors.register(&$0) }) { server in
            let channel = try await SilentReader(port: server.port)
            // 40 MB of replies for a socket nobody empties; the server must stop taking requests long before.
            let large = "[\"" + String(repeating: "x", count: 100_000) + "\"]"
            let frame = VectorOctets.framed(Array(request(1, "echo", large).utf8))
            let taken = try await channel.offer(frame, times: 400)
            #expect(taken < 40_000_000)
            await channel.close()
        }
    }
}
