import NIOCore
import NIOEmbedded
import RPC
import Testing

/// Connections on which nothing happens, on a clock that the test moves.
@Suite struct IdleConnectionTests {
    @Test func `answered pings keep a connection for as long as one likes`() throws {
        try withIdleConnection { loop, client, server, _ in
            loop.advanceTime(by: .hours(1))
            #expect(client.isReady)
            #expect(server.connectionCount == 1)
        }
    }

    @Test func `a server that has vanished is found within 25 seconds`() throws {
        try withIdleConnection { loop, client, _, wire in
            wire.swallows = true
            loop.advanceTime(by: .seconds(25))
            #expect(!client.isReady)
        }
    }

    @Test func `one that was heard of is given its time again`() throws {
        try withIdleConnection { loop, client, _, wire in
            wire.swallows = true
            loop.advanceTime(by: .seconds(9))
            wire.swallows = false
            loop.advanceTime(by: .seconds(5))
            wire.swallows = true
            loop.advanceTime(by: .seconds(15))
            #expect(client.isReady)
        }
    }

    private func withIdleConnection(
        _ body: (EmbeddedEventLoop, RPCLoopClient, RPCServer, SimulatedWire) throws -> Void
    ) throws {
        let loop = EmbeddedEventLoop()
        let server = RPCServer(methods: RPCMethods(), group: loop, logger: .quiet)
        let wire = try SimulatedWire(loop: loop, chance: Chance(seed: 1))
        let client = RPCLoopClient(eventLoop: loop, host: "simulation", port: 1, logger: .quiet)
        client.dial = { handler in
            do {
                try wire.client.pipeline.syncOperations.addHandler(handler)
                return server.accept(wire.server)
            } catch {
                return loop.makeFailedFuture(error)
            }
        }
        client.start(RPCCallRequest(method: "rpc.ping"), receiver: Ignoring())
        loop.advanceTime(by: .seconds(1))
        try #require(client.isReady)
        try body(loop, client, server, wire)
        client.close()
        loop.advanceTime(by: .minutes(1))
        server.stopWorkers()
        loop.run()
    }
}

private final class Ignoring: RPCCallReceiver {
    func callSucceeded(_ result: ByteBuffer) {}
    func callFailed(_ error: RPCError) {}
    func callContent(_ content: RPCContent) {}
    func callChunk(_ octets: ByteBuffer, isLast: Bool) {}
}
