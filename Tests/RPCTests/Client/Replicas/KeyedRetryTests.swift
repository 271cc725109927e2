import NIOCore
import NIOPosix
import RPC
import TestSupport
import Testing

/// Calls with a key that are lost at a server that knows keys: another that knows none would do them a second time.
@Suite struct KeyedRetryTests {
    private static let agreement =
        #"{"jsonrpc":"2.0","id":0,"result":{"version":1,"features":["meta"],"limits":{}}}"#
    private static let stranger = #"{"jsonrpc":"2.0","id":0,"error":{"code":-32601,"message":"no such method"}}"#

    /// Answers a call with `true`.
    private static func done(_ message: String) -> FrameServer.Answer {
        .say(["{\"jsonrpc\":\"2.0\",\(message.firstMatch(of: /"id":\d+/)!.output),\"result\":true}"])
    }

    private static func unknown(_ message: String) -> String {
        let id = message.firstMatch(of: /"id":\d+/)?.output ?? #""id":null"#
        return "{\"jsonrpc\":\"2.0\",\(id),\"error\":{\"code\":-32601,\"message\":\"no such method\"}}"
    }

    /// A server that knows keys, or none, and answers calls, or leaves with them.
    private static func server(knowsKeys: Bool, answers: Bool) async throws -> FrameServer {
        try await FrameServer.start { message, _ in
            if message.contains("rpc.hello") { return .say([knowsKeys ? agreement : stranger]) }
            // It knows no `rpc.health`, and so is alive.
            if !message.contains("pay") { return .say([unknown(message)]) }
            return answers ? done(message) : .hangUp
        }
    }

    private static func client(_ servers: FrameServer...) -> RPCClient {
        var configuration = RPCClientConfiguration()
        configuration.toBePatient()
        // As many retries as a test needs: it is not about the budget.
        configuration.retries.budgetMax = 1_000
        configuration.retries.delayMin = .milliseconds(10)
        return RPCClient(
            addresses: servers.map { RPCAddress(host: "127.0.0.1", port: $0.port) }, configuration: configuration,
            group: MultiThreadedEventLoopGroup.singleton, logger: .quiet)
    }

    private func pay(_ number: Int, _ client: RPCClient, isIdempotent: Bool? = nil) async throws {
        let options = RPCCallOptions(timeout: .seconds(20), idem: "k-\(number)", isIdempotent: isIdempotent)
        _ = try await client.call("pay", ByteBuffer(string: "[\(number)]"), options: options)
    }

    /// The numbers of the calls a server heard of.
    private func numbers(_ server: FrameServer) -> Set<Int> {
        Set(server.messages.compactMap { $0.firstMatch(of: /"params":\[(\d+)\]/).flatMap { Int($0.1) } })
    }

    @Test func `a server that is followed by one without keys is not asked twice`() async throws {
        let server = try await FrameServer.start { message, connection in
            if message.contains("rpc.hello") { return .say([connection == 0 ? Self.agreement : Self.stranger]) }
            return connection == 0 ? .hangUp : Self.done(message)
        }
        let client = Self.client(server)
        let error = await #expect(throws: RPCError.self) { try await pay(1, client) }
        #expect(error?.status == .unavailable && error?.reason == "idempotency_unsupported")
        #expect(error?.notStarted == false && error?.tries == 4, "it may have been done, and is not to be repeated")
        #expect(server.messages.count { $0.contains("pay") } == 1)
        // One that was never sent may still be made without its key.
        try await pay(2, client)
        #expect(numbers(server) == [1, 2])
        await client.close()
        try await server.stop()
    }

    @Test func `what may be done twice is`() async throws {
        let server = try await FrameServer.start { message, connection in
            if message.contains("rpc.hello") { return .say([connection == 0 ? Self.agreement : Self.stranger]) }
            return connection == 0 ? .hangUp : Self.done(message)
        }
        let client = Self.client(server)
        try await pay(1, client, isIdempotent: true)
        #expect(server.messages.count { $0.contains("pay") } == 2)
        await client.close()
        try await server.stop()
    }

    @Test func `of several replicas only those that know keys are asked again`() async throws {
        let leaving = try await Self.server(knowsKeys: true, answers: false)
        let plain = try await Self.server(knowsKeys: false, answers: true)
        let knowing = try await Self.server(knowsKeys: true, answers: true)
        let client = Self.client(leaving, plain, knowing)
        var number = 0
        // A replica that was lost is given calls again in a moment, so that some more are lost with it.
        try await eventually(within: .seconds(30), "lost calls") {
            number += 1
            try? await pay(number, client)
            return numbers(leaving).count >= 2
        }
        let lost = numbers(leaving)
        #expect(lost.isDisjoint(with: numbers(plain)), "done a second time")
        #expect(!numbers(plain).isEmpty || number < 10)
        #expect(!lost.isDisjoint(with: numbers(knowing)), "asked again where the key is known")
        await client.close()
        for server in [leaving, plain, knowing] { try await server.stop() }
    }
}
