import JSONBytes
import NIOCore
import RPC
import Synchronization
import TestSupport
import Testing

/// Messages in chunks that want more memory than there is.
@Suite struct ChunkAttackTests {
    private let budget = OctetBudget(bytesMax: 4 << 20)

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

    private var configuration: RPCServerConfiguration { .spending(budget) }
}
