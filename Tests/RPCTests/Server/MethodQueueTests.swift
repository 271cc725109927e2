import JSONBytes
import RPC
import TestSupport
import Testing

@Suite struct MethodQueueTests {
    @Test func `so many run, so many wait in order, more are refused`() {
        var queue = MethodQueue<Int>(concurrentMax: 2, queuedMax: 2)
        var decisions: [MethodQueue<Int>.Decision] = []
        for call in 1...5 { decisions.append(queue.enter(call)) }
        #expect(decisions == [.run, .run, .wait, .wait, .refuse])
        #expect(queue.leave() == 3)
        #expect(queue.running == 2)
        queue.remove { $0 == 4 }
        #expect(queue.leave() == nil)
        #expect(queue.running == 1)
        #expect(queue.leave() == nil)
        #expect(queue.running == 0)
    }

    @Test func `a method's calls of several connections wait in one queue`() async throws {
        let doors = Doors()
        let options = RPCMethodOptions(concurrentMax: 1, queuedMax: 1)
        try await withServer {
            doors.register(&$0, options: options)
        } _: { server in
            let first = try await server.waitingPeer(doors)
            let second = try await VectorPeer(server)
            try await second.hello()
            try await second.say(request(2, "wait"), request(3, "wait"))
            let refusal = try await second.hear()
            #expect(refusal["id"] == 3)
            #expect(refusal["error"]?["data"]?["reason"] == "overloaded")
            #expect(refusal["error"]?["data"]?["not_started"] == true)
            #expect(doors.begun == 1)
            doors.gate.open()
            try #expect(await first.hear()["result"] == true)
            try #expect(await second.hear()["id"] == 2)
            #expect(doors.begun == 2)
            await first.close()
            await second.close()
        }
    }

    @Test func `a call that waits can be cancelled, and one whose time passes is not begun`() async throws {
        let doors = Doors()
        try await withServer {
            doors.register(&$0, options: .init(concurrentMax: 1))
        } _: { server in
            let peer = try await server.waitingPeer(doors)
            try await peer.say(request(2, "wait"), request(3, "rpc.cancel", #"{"id":2}"#))
            let cancelled = try await peer.hear()
            #expect(cancelled["id"] == 2)
            #expect(cancelled["error"]?["data"]?["not_started"] == true)
            try #expect(await peer.hear()["result"] == true)
            try await peer.say(request(4, "wait", meta: #"{"timeout_ms":20}"#))
            let late = try await peer.hear()
            #expect(late["error"]?["code"] == -32054)
            #expect(late["error"]?["data"]?["not_started"] == true)
            // Neither of them holds a place.
            try await peer.say(request(5, "wait"))
            doors.gate.open()
            try #expect(await peer.hear()["id"] == 1)
            try #expect(await peer.hear()["id"] == 5)
            #expect(doors.begun == 2)
            await peer.close()
        }
    }

    @Test func `who leaves while waiting leaves the queue`() async throws {
        let doors = Doors()
        try await withServer {
            doors.register(&$0, options: .init(concurrentMax: 1, queuedMax: 1))
        } _: { server in
            let first = try await server.waitingPeer(doors)
            let leaver = try await VectorPeer(server)
            try await leaver.hello()
            try await leaver.say(request(1, "wait"), request(2, "wait"))
            try #expect(await leaver.hear()["id"] == 2)
            await leaver.close()
            try await eventually("the leaver's end") { server.server.connectionCount == 1 }
            try await first.say(request(2, "wait"))
            doors.gate.open()
            try #expect(await first.hear()["id"] == 1)
            try #expect(await first.hear()["result"] == true)
            await first.close()
        }
    }
}
