import JSONBytes
import NIOCore
import RPC
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct TokenTests {
    @Test func `without a token hello and ping are answered, and nothing else`() async throws {
        try await withTokens(["one": "token-1"]) { server, _ in
            let peer = try await VectorPeer(server)
            for method in ["who", "rpc.info", "rpc.discover", "rpc.health", "unknown"] {
                try await peer.say(request(1, method))
                let error = try await peer.hear()["error"]
                #expect(error?["code"] == -32066, "\(method)")
                #expect(error?["data"]?["reason"] == "credentials", "\(method)")
            }
            try await peer.say(request(2, "rpc.ping"))
            #expect(try await peer.hear()["result"] == "pong")
            try await peer.hello()
            try await peer.say(request(3, "who"))
            #expect(try await peer.hear()["error"]?["code"] == -32066)
        }
    }

    @Test func `with a token the caller is its name`() async throws {
        try await withTokens(["one": "token-1", "two": "token-2"]) { server, _ in
            for (token, name) in [("token-1", "one"), ("token-2", "two")] {
                let answer = await SecureServer.who(server, token: token)
                #expect(answer.text == #"{"sub":"\#(name)","via":"token"}"#)
            }
            let claimed = await SecureServer.who(server, token: "token-1", role: "gateway")
            #expect(claimed.reason == "secret")
        }
    }

    @Test func `a wrong token is refused; ten of them end the connection`() async throws {
        try await withTokens(["one": "token-1"]) { server, _ in
            for token in ["", "token-", "token-11", "Token-1", String(repeating: "x", count: 100_000)] {
                let answer = await SecureServer.who(server, token: token)
                #expect(answer.text == nil)
            }
            let peer = try await VectorPeer(server)
            for _ in 1...10 {
                try await peer.say(
                    #"{"jsonrpc":"2.0","id":0,"method":"rpc.hello","params":{"versions":[1],"auth":{"token":"no"}}}"#)
                #expect(try await peer.hear()["error"]?["data"]?["reason"] == "credentials")
            }
            try await eventually { server.server.connectionCount == 0 }
        }
    }

    @Test func `who has shown nothing sends small frames only`() async throws {
        try await withTokens(["one": "token-1"]) { server, _ in
            let peer = try await VectorPeer(server)
            try await peer.send([0, 1, 0, 1])
            let error = try await peer.hear()["error"]
            #expect(error?["code"] == -32070)
            #expect(error?["data"]?["limit"] == 65536)
        }
    }

    @Test func `a token taken from the file ends what was let in with it`() async throws {
        try await withTokens(["one": "token-1", "two": "token-2"]) { server, file in
            var configuration = RPCClientConfiguration()
            configuration.token = "token-1"
            let client = server.client(configuration: configuration)
            _ = try await client.call("who")
            try file.write(["two": "token-2", "three": "token-3"])
            #expect(try await file.tokens.reload())
            let error = await #expect(throws: RPCError.self) { try await client.call("who") }
            #expect(error?.reason == "credentials")
            await client.close()
            #expect(await SecureServer.who(server, token: "token-1").reason == "credentials")
            #expect(await SecureServer.who(server, token: "token-3").text?.contains("three") == true)
            try file.write(text: "two nonsense")
            await #expect(throws: (any Error).self) { try await file.tokens.reload() }
            #expect(await SecureServer.who(server, token: "token-2").text?.contains("two") == true)
        }
    }

    @Test func `the gateway's secret admits it, and it says who calls`() async throws {
        try await withTokens(["one": "token-1"]) { server, _ in
            var configuration = RPCClientConfiguration()
            (configuration.role, configuration.gatewaySecret) = ("gateway", "secret")
            let client = server.client(configuration: configuration)
            var meta = RPCMeta()
            meta.principal = ByteBuffer(string: #"{"sub":"u"}"#)
            let said = try await client.call("who", options: .init(meta: meta))
            #expect(String(buffer: said) == #"{"sub":"u"}"#)
            let unsaid = try await client.call("who")
            #expect(String(buffer: unsaid) == "null")
            await client.close()
        }
    }

    @Test func `beside client certificates a token is enough`() async throws {
        let authority = try await TestCertificates()
        let file = try await ManagedTokens(["one": "token-1"])
        var configuration = try await SecureServer.configuration(
            authority.issue(), clientAuthority: authority.authority, requiresCertificates: false)
        configuration.tokens = file.tokens
        let trust = try await ClientTLS(authorityFile: authority.authority)
        try await withServer(configuration: configuration, SecureServer.register) { server in
            #expect(await SecureServer.who(server, tls: trust).reason == "credentials")
            let answer = await SecureServer.who(server, tls: trust, token: "token-1")
            #expect(answer.text == #"{"sub":"one","via":"token"}"#, "\(answer)")
        }
    }

    private func withTokens(
        _ tokens: [String: String], _ body: (RunningServer, ManagedTokens) async throws -> Void
    ) async throws {
        let file = try await ManagedTokens(tokens)
        var configuration = RPCServerConfiguration()
        configuration.tokens = file.tokens
        configuration.gatewaySecret = "secret"
        try await withServer(configuration: configuration, SecureServer.register) { server in
            try await body(server, file)
        }
    }
}

/// A file of tokens that a test writes.
struct ManagedTokens {
    let tokens: TokenFile
    private let directory: TemporaryDirectory

    init(_ tokens: [String: String]) async throws {
        directory = try TemporaryDirectory()
        try directory.write(Self.text(tokens), to: "tokens")
        self.tokens = try await TokenFile(path: directory.path("tokens"))
    }

    func write(_ tokens: [String: String]) throws { try write(text: Self.text(tokens)) }

    func write(text: String) throws { try directory.write(text, to: "tokens") }

    private static func text(_ tokens: [String: String]) -> String {
        "# who may call\n\n"
            + tokens.sorted { $0.key < $1.key }.map { "\($0.key) \(TokenHash(of: $0.value).hex)\n" }.joined()
    }
}
