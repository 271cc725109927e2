import JSONBytes
import NIOCore
import RPC
import Synchronization
import TestSupport
import Testing

/// Clients that have received half a reply give its memory back.
@Suite struct HalfReplyTests {
    private let budget = OctetBudget(bytesMax: 4 << 20)

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

    private static func fails<Answer>(_ body: () async throws -> Answer) async -> Bool {
        do {
            _ = try await body()
            return false
        } catch {
            return error is RPCError
        }
    }

    private var configuration: RPCServerConfiguration { .spending(budget) }
}
