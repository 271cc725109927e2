import JSONBytes
import NIOCore
import RPC
import Synchronization
import TestSupport
import Testing

/// Peers that take a server's memory by not reading what it answers.
@Suite struct UnreadReplyTests {
    private let budget = OctetBudget(bytesMax: 4 << 20)

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

    private var configuration: RPCServerConfiguration { .spending(budget) }
}
