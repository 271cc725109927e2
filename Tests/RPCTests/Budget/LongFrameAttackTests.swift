import JSONBytes
import NIOCore
import RPC
import Synchronization
import TestSupport
import Testing

/// Peers whose long frames want a server's memory for themselves.
@Suite struct LongFrameAttackTests {
    private let budget = OctetBudget(bytesMax: 4 << 20)

    @Test func `hundreds of long frames that dribble leave small calls their answer`() async throws {
        try await withServer(configuration: configuration) {
            Doors().register(&$0)
        } _: { server in
            let attackers = 200
            let dribble = [UInt8](repeating: UInt8(ascii: " "), count: 300_000)
            var peers: [SilentReader] = []
            for _ in 0..<attackers {
                let peer = try await SilentReader(port: server.port)
                peer.write([0x00, 0x80, 0x00, 0x00] + dribble)
                peers.append(peer)
            }
            try await eventually("the budget's end") { budget.isSpent }
            let peer = try await VectorPeer(server)
            for id in 1...20 {
                try await peer.say(request(id, "echo", "[\(id)]"))
                try #expect(await peer.hear()["id"]?.integer == id)
            }
            // What arrives with one read may come on top, for each connection.
            #expect(budget.held <= budget.bytesMax + attackers * ConnectionCharge.stepBytes)
            for peer in peers { await peer.close() }
            try await eventually(within: .seconds(30), "everything to be given back") { budget.held == 0 }
            await peer.close()
        }
    }

    @Test func `plain frames that wait for memory come to their end one after the other`() async throws {
        try await withServer(configuration: configuration) {
            Doors().register(&$0)
        } _: { server in
            let text = "[\"" + String(repeating: "x", count: 1_500_000) + "\"]"
            try await withThrowingTaskGroup { group in
                for id in 1...8 {
                    group.addTask {
                        let peer = try await VectorPeer(server)
                        try await peer.say(request(id, "echo", text))
                        try #expect(await peer.hear()["id"]?.integer == id)
                        await peer.close()
                    }
                }
                try await group.waitForAll()
            }
            try await eventually("everything to be given back") { budget.held == 0 }
        }
    }

    @Test func `a negotiated peer's long plain frame is refused by its id, and the connection goes on`() async throws {
        try await withServer(configuration: configuration) {
            Doors().register(&$0)
        } _: { server in
            let hoarder = try await SilentReader(port: server.port)
            hoarder.write([0x00, 0x80, 0x00, 0x00] + [UInt8](repeating: UInt8(ascii: " "), count: 5 << 20))
            try await eventually("the budget's end") { budget.isSpent }
            let peer = try await VectorPeer(server)
            try await peer.hello()
            let text = "[\"" + String(repeating: "x", count: 1_000_000) + "\"]"
            try await peer.say(request(7, "echo", text))
            let refusal = try await peer.hear()
            #expect(refusal["id"] == 7)
            #expect(refusal["error"]?["data"]?["reason"] == "overloaded")
            #expect(refusal["error"]?["data"]?["not_started"] == true)
            try await peer.say(request(8, "echo", "[8]"))
            try #expect(await peer.hear()["id"] == 8)
            await hoarder.close()
            try await eventually("room") { !budget.isSpent }
            try await peer.say(request(9, "echo", "[\"" + String(repeating: "x", count: 100_000) + "\"]"))
            try #expect(await peer.hear()["id"] == 9)
            await peer.close()
        }
    }

    @Test func `a frame has time as long as it is read`() async throws {
        let doors = Doors()
        var configuration = configuration
        configuration.limits.frameDuration = .seconds(1)
        configuration.limits.frameBytesPerSecondMin = 100 << 20
        try await withServer(configuration: configuration) {
            doors.register(&$0, options: .init(timeout: .seconds(2)))
        } _: { server in
            let older = budget.begin()
            budget.change(by: budget.bytesMax)
            let frame = VectorOctets.framed(
                Array(request(1, "echo", "[\"\(String(repeating: "x", count: 600_000))\"]").utf8))
            let peer = try await VectorPeer(server)
            try await peer.send(Array(frame.prefix(300_000)))
            try await eventually("the frame's beginning") { budget.held > budget.bytesMax }
            // Twice the frame's time.
            let other = try await VectorPeer(server)
            try await other.say(request(1, "wait"))
            try #expect(await other.hear()["error"]?["code"] == -32054)
            doors.gate.open()
            try await peer.send(Array(frame.dropFirst(300_000)))
            budget.change(by: -budget.bytesMax)
            budget.end(older)
            try #expect(await peer.hear()["id"] == 1)
            await other.close()
            await peer.close()
        }
    }

    private var configuration: RPCServerConfiguration { .spending(budget) }
}
