import JSONBytes
import NIOCore
import RPC
import TestSupport
import Testing

@Suite struct HealthWatchTests {
    private static let watch = request(1, "rpc.health", #"{"watch":true}"#, meta: #"{"stream":{}}"#)

    @Test func `the status comes at once, at every change, and when the server stops`() async throws {
        let isWell = Shared(true)
        var configuration = RPCServerConfiguration()
        configuration.isHealthy = { isWell.value }
        configuration.healthInterval = .milliseconds(2)
        try await withServer(configuration: configuration, { _ in }) { server in
            let peer = try await VectorPeer(server)
            try await peer.hello("meta", "stream", "goaway")
            try await peer.say(Self.watch)
            #expect(try await status(peer) == "ok")
            isWell.change { $0 = false }
            #expect(try await status(peer) == "unhealthy")
            isWell.change { $0 = true }
            #expect(try await status(peer) == "ok")
            let stop = Task { await server.server.stop(grace: .seconds(30)) }
            #expect(try await peer.hear()["method"] == "rpc.goaway")
            #expect(try await status(peer) == "draining")
            #expect(try await peer.hear()["error"]?["data"]?["resume"] == true)
            try await peer.say(#"{"jsonrpc":"2.0","method":"rpc.goaway_ack"}"#)
            await stop.value
        }
    }

    @Test func `a watch ends when it is cancelled`() async throws {
        try await withServer({ _ in }) { server in
            let peer = try await VectorPeer(server)
            try await peer.hello()
            try await peer.say(Self.watch)
            #expect(try await status(peer) == "ok")
            try await peer.say(request(2, "$/cancelRequest", #"{"id":1}"#))
            #expect(try await peer.hear()["error"]?["code"] == -32051)
            #expect(try await peer.hear()["result"] == true)
            #expect(server.server.callsInFlight == 0)
        }
    }

    @Test func `who takes no events is answered at once`() async throws {
        try await withServer({ _ in }) { server in
            let peer = try await VectorPeer(server)
            try await peer.say(request(1, "rpc.health", #"{"watch":true}"#))
            #expect(try await peer.hear()["result"]?["status"] == "ok")
        }
    }

    @Test func `stats count calls by method and outcome`() async throws {
        let doors = Doors()
        try await withServer({ doors.register(&$0) }) { server in
            let peer = try await server.waitingPeer(doors)
            try await peer.say(request(2, "echo"), request(3, "nothing"), request(4, "rpc.stats"))
            _ = (try await peer.hear(), try await peer.hear())
            let stats = try await peer.hear()["result"]
            #expect(stats?["connections"] == 1)
            #expect(stats?["in_flight"] == 1)
            #expect(stats?["methods"]?["wait"]?["in_flight"] == 1)
            #expect(stats?["methods"]?["echo"]?["ok"] == 1)
            #expect(stats?["methods"]?["unknown"]?["errors"]?["UNIMPLEMENTED"] == 1)
            doors.gate.open()
        }
    }

    /// The next event's status.
    private func status(_ peer: VectorPeer) async throws -> String? {
        let event = try await peer.hear()
        #expect(event["method"] == "rpc.event")
        return event["params"]?["data"]?["status"]?.string
    }
}
