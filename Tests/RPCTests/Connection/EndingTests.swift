import JSONBytes
import NIOCore
import RPC
import TestSupport
import Testing

/// The ways a connection ends, and what its calls hear.
@Suite struct EndingTests {
    @Test func `a half-closed plain peer gets the replies of calls that still run`() async throws {
        let doors = Doors()
        try await withServer({ doors.register(&$0) }) { server in
            let peer = try await VectorPeer(server)
            try await peer.say(request(1, "wait"), request(2, "echo", "[2]"))
            #expect(try await peer.hear()["id"] == 2)
            try await peer.halfClose()
            doors.gate.open()
            let rest = try await peer.framesToEnd()
            #expect(rest.count == 1)
        }
    }

    @Test func `a lost connection cancels its calls`() async throws {
        let doors = Doors()
        try await withServer({ doors.register(&$0) }) { server in
            let client = try await RawTCPClient(port: server.port)
            try await client.send(VectorOctets.framed(Array(request(1, "wait").utf8)))
            try await eventually { doors.begun == 1 }
            await client.close(reset: true)
            try await eventually { doors.cancelled == 1 }
        }
    }

    @Test func `a negotiated peer that closes is gone, and its calls with it`() async throws {
        let doors = Doors()
        try await withServer({ doors.register(&$0) }) { server in
            let peer = try await server.waitingPeer(doors)
            try await peer.halfClose()
            try await eventually { doors.cancelled == 1 }
        }
    }

    @Test func `a detached call goes on without its caller`() async throws {
        let doors = Doors()
        try await withServer({ doors.register(&$0, options: .init(isDetached: true)) }) { server in
            let client = server.client()
            let call = Task { try await client.call("wait") }
            try await eventually { doors.begun == 1 }
            await client.close()
            await #expect(throws: RPCError.self) { try await call.value }
            doors.gate.open()
            try await eventually { doors.ended == 1 }
            #expect(doors.cancelled == 0)
        }
    }

    @Test func `a stopping server answers what runs and takes nothing new`() async throws {
        let doors = Doors()
        try await withServer({ doors.register(&$0) }) { server in
            let peer = try await server.waitingPeer(doors)
            let stop = Task { await server.server.stop(grace: .seconds(30)) }
            try await peer.hearsDraining()
            try await peer.say(request(2, "echo"))
            let refused = try await peer.hear()
            #expect(refused["error"]?["code"] == -32064)
            #expect(refused["error"]?["data"]?["not_started"] == true)
            doors.gate.open()
            #expect(try await peer.hear()["result"] == true)
            #expect(try await peer.framesToEnd().isEmpty)
            await stop.value
        }
    }

    @Test func `when the grace is over, calls are ended with a reason`() async throws {
        let doors = Doors()
        try await withServer({ doors.register(&$0) }) { server in
            let peer = try await VectorPeer(server)
            try await peer.say(request(1, "wait"))
            try await eventually { doors.begun == 1 }
            await server.server.stop(grace: .milliseconds(10))
            #expect(try await peer.hear()["error"]?["data"]?["reason"] == "shutdown")
            try await eventually { doors.cancelled == 1 }
        }
    }

    @Test func `when the grace is over, calls that wait for their turn hear it, too`() async throws {
        let doors = Doors()
        var configuration = RPCServerConfiguration()
        configuration.limits.plainInFlightMax = 1
        try await withServer(configuration: configuration, { doors.register(&$0) }) { server in
            let peer = try await VectorPeer(server)
            try await peer.say(
                request(1, "wait"), request(2, "wait"), "[\(request(3, "wait")),\(request(4, "echo"))]")
            try await eventually { doors.begun == 1 }
            await server.server.stop(grace: .milliseconds(10))
            var replies: [JSONValue] = []
            while replies.count < 4 {
                let message = try await peer.hear()
                replies += message.elements ?? [message]
            }
            for id in 1...4 {
                let data = try #require(replies.first { $0["id"]?.integer == id })["error"]?["data"]
                #expect(data?["reason"] == "shutdown")
                #expect((data?["not_started"] == true) == (id > 1))
            }
        }
    }
}
