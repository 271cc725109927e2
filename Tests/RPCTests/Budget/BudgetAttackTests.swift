import JSONBytes
import NIOCore
import RPC
import Synchronization
import TestSupport
import Testing

/// Peers that want a server's memory for themselves.
@Suite struct BudgetAttackTests {
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

    @Test func `calls in chunks wait for each other's memory and are all answered, or refused before they began`()
        async throws
    {
        try await withServer(configuration: configuration) {
            Doors().register(&$0)
        } _: { server in
            var configuration = RPCClientConfiguration()
            configuration.budget = OctetBudget()
            let clients = (0..<8).map { _ in server.client(configuration: configuration) }
            try await withThrowingTaskGroup { group in
                for client in clients {
                    group.addTask {
                        let params = array(bytes: 2_000_000)
                        for attempt in 1...200 {
                            do {
                                try #expect(await client.call("echo", params) == params)
                                return
                            } catch let error as RPCError where error.notStarted && attempt < 200 {
                                #expect(error.reason == "overloaded")
                                try await eventually("room") { !budget.isSpent }
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            for client in clients { await client.close() }
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

    @Test func `replies that nobody takes are counted, and whoever leaves them is given no more`() async throws {
        let reply = array(bytes: 1_000_000)
        try await withServer(configuration: configuration) {
            Doors().register(&$0)
            $0.register("large", raw: { _ in reply })
        } _: { server in
            let hoarder = try await VectorPeer(server)
            try await hoarder.hello("meta", "xframe", "stream")
            for id in 1...12 {
                try await hoarder.say(
                    #"{"jsonrpc":"2.0","id":\#(id),"method":"large","meta":{"stream":{"credit":0}}}"#)
            }
            for id in 6...12 {
                let refusal = try await hoarder.hear()
                #expect(refusal["id"]?.integer == id)
                #expect(refusal["error"]?["data"]?["reason"] == "overloaded")
                #expect(refusal["error"]?["data"]?["not_started"] == true)
            }
            #expect((4_900_000...5_000_000).contains(budget.held), "\(budget.held)")
            let peer = try await VectorPeer(server)
            try await peer.hello()
            try await peer.say(request(1, "echo", "[1]"))
            try #expect(await peer.hear()["result"] == [1])
            await hoarder.close()
            try await eventually("everything to be given back") { budget.held == 0 }
            await peer.close()
        }
    }

    @Test func `a plain peer that reads nothing is charged what waits for it`() async throws {
        let reply = array(bytes: 3_000_000)
        try await withServer(configuration: configuration) {
            $0.register("large", raw: { _ in reply })
        } _: { server in
            let silent = try await SilentReader(port: server.port)
            for id in 1...8 { silent.write(VectorOctets.framed(Array(request(id, "large").utf8))) }
            try await eventually("the replies to be counted") { budget.held > 900_000 }
            await silent.close()
            try await eventually("everything to be given back") { budget.held == 0 }
        }
    }

    @Test func `what a call keeps of its frame is what it needs`() async throws {
        try await withServer(configuration: configuration) { methods in
            methods.register("kept", raw: { ByteBuffer(string: "\($0.params?.storageCapacity ?? 0)") })
            methods.register("echo", raw: { $0.params ?? ByteBuffer() })
        } _: { server in
            let filling = String(repeating: "x", count: 1_000_000)
            let peer = try await VectorPeer(server)
            let call = #"{"jsonrpc":"2.0","id":1,"method":"kept","params":{"a":1},"x":"\#(filling)"}"#
            try await peer.say(call)
            try #expect(await (peer.hear()["result"]?.integer ?? .max) < 1_000)
            try await peer.say(#"[\#(request(1, "kept", "[1]")),\#(request(2, "echo", "[\"\(filling)\"]"))]"#)
            let results = try await peer.hear().elements ?? []
            try #expect(#require(results.first { $0["id"] == 1 })["result"]?.integer ?? .max < 1_000)
            try await peer.hello()
            try await peer.say(call)
            try #expect(await (peer.hear()["result"]?.integer ?? .max) < 1_000)
            let head = #"{"jsonrpc":"2.0","id":2,"method":"kept","x":"\#(filling.prefix(60_000))"}"#
            try await peer.chunk(head, "[1]", isLast: true)
            try #expect(await (peer.hear()["result"]?.integer ?? .max) < 1_000)
            await peer.close()
        }
    }

    @Test func `answers that wait for the rest of their batch are charged`() async throws {
        let doors = Doors()
        try await withServer(configuration: configuration) {
            doors.register(&$0)
        } _: { server in
            let peer = try await VectorPeer(server)
            let text = "[\"" + String(repeating: "x", count: 1_500_000) + "\"]"
            try await peer.say("[\(request(1, "echo", text)),\(request(2, "wait"))]")
            try await eventually("the call") { doors.begun == 1 }
            try await eventually("the answer to be counted") { (1_400_000..<1_600_000).contains(budget.held) }
            // Another peer's call, so that whatever was to follow has followed.
            let other = try await VectorPeer(server)
            try await other.say(request(1, "echo", "[1]"))
            try #expect(await other.hear()["id"] == 1)
            #expect(budget.held > 1_400_000)
            doors.gate.open()
            try #expect(await peer.hear().elements?.count == 2)
            try await eventually("everything to be given back") { budget.held == 0 }
            await other.close()
            await peer.close()
        }
    }

    @Test func `calls of a plain peer that reads nothing do not begin`() async throws {
        let begun = Atomic(0)
        let reply = array(bytes: 3_000_000)
        var configuration = configuration
        configuration.limits.plainInFlightMax = 1
        try await withServer(configuration: configuration) {
            $0.register(
                "large",
                raw: { _ in
                    begun.add(1, ordering: .relaxed)
                    return reply
                })
        } _: { server in
            let silent = try await SilentReader(port: server.port)
            silent.write((1...40).flatMap { VectorOctets.framed(Array(request($0, "large").utf8)) })
            try await eventually("the replies to be counted") { budget.held > 900_000 }
            await #expect(throws: DeadlinePassed.self) {
                try await eventually(within: .seconds(1)) { begun.load(ordering: .relaxed) == 40 }
            }
            await silent.close()
            try await eventually("everything to be given back") { budget.held == 0 }
        }
    }

    @Test func `a chunk that comes in parts while memory is spent leaves no hole in its message`() async throws {
        try await withServer(configuration: configuration) {
            Doors().register(&$0)
        } _: { server in
            let hoarder = try await SilentReader(port: server.port)
            hoarder.write([0x00, 0x80, 0x00, 0x00] + [UInt8](repeating: UInt8(ascii: " "), count: 200_000))
            try await eventually("the older frame") { budget.held >= 2 * ConnectionCharge.stepBytes }
            let peer = try await VectorPeer(server)
            try await peer.hello()
            try await peer.chunk(#"{"jsonrpc":"2.0","id":1,"method":"echo"}"#, "[", isLast: false)
            try await peer.say(request(2, "rpc.ping"))
            try #expect(await peer.hear()["id"] == 2)
            hoarder.write([UInt8](repeating: UInt8(ascii: " "), count: 5 << 20))
            try await eventually("the budget's end") { budget.held >= 5 << 20 }

            let held = budget.held
            let payload = [UInt8](repeating: UInt8(ascii: " "), count: ExtendedFrame.chunkBytesMax)
            let chunk = VectorOctets.extended(flags: 4, header: #"{"jsonrpc":"2.0","id":1}"#, payload: payload)
            try await peer.send(chunk.dropLast(1))
            try await eventually("nearly all of the chunk") { budget.held > held }
            try await peer.send([UInt8(ascii: " ")])
            try await peer.chunk(#"{"jsonrpc":"2.0","id":1}"#, "]", isLast: true)
            let refusal = try await peer.hear()
            #expect(refusal["id"] == 1)
            #expect(refusal["error"]?["data"]?["reason"] == "overloaded")
            try await peer.say(request(3, "rpc.ping"))
            try #expect(await peer.hear()["id"] == 3)
            await hoarder.close()
            await peer.close()
        }
    }

    @Test func `a client whose connection ends half-way through a reply gives everything back`() async throws {
        let clientBudget = OctetBudget(bytesMax: 1 << 20)
        try await withServer { methods in
            methods.register("long", raw: { _ in array(bytes: 8 << 20) })
        } _: { server in
            var configuration = RPCClientConfiguration()
            configuration.budget = clientBudget
            let older = clientBudget.begin()
            let client = server.client(configuration: configuration)
            async let hasFailed = Self.fails { try await client.call("long") }
            try await eventually("part of the reply") { clientBudget.held > 0 }
            await client.close()
            let outcome = await hasFailed
            #expect(outcome)
            clientBudget.end(older)
            try await eventually("everything to be given back") { clientBudget.held == 0 }
            #expect(clientBudget.isOldest(nil))
        }
    }

    @Test func `a client that gives up half a reply gives everything back, and goes on`() async throws {
        let clientBudget = OctetBudget(bytesMax: 1 << 20)
        try await withServer { methods in
            methods.register("long", raw: { _ in array(bytes: 8 << 20) })
            Doors().register(&methods)
        } _: { server in
            var configuration = RPCClientConfiguration()
            configuration.budget = clientBudget
            let older = clientBudget.begin()
            let client = server.client(configuration: configuration)
            let call = Task { try await client.call("long") }
            try await eventually("part of the reply") { clientBudget.held > 0 }
            call.cancel()
            await #expect(throws: CancellationError.self) { try await call.value }
            try await eventually("everything to be given back") { clientBudget.held == 0 }
            clientBudget.end(older)
            #expect(clientBudget.isOldest(nil))
            #expect(try await client.call("echo", ByteBuffer(string: "[1]")) == ByteBuffer(string: "[1]"))
            await client.close()
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

    private static func fails<Answer>(_ body: () async throws -> Answer) async -> Bool {
        do {
            _ = try await body()
            return false
        } catch {
            return error is RPCError
        }
    }

    private var configuration: RPCServerConfiguration {
        var configuration = RPCServerConfiguration()
        configuration.budget = budget
        return configuration
    }
}
