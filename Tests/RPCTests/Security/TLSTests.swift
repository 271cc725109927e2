import NIOCore
import RPC
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct TLSTests {
    @Test func `a server is believed for the names its authority gave it`() async throws {
        let authority = try await TestCertificates()
        let server = try await SecureServer.configuration(authority.issue(names: ["IP:127.0.0.1", "DNS:localhost"]))
        let trust = try await ClientTLS(authorityFile: authority.authority)
        try await withServer(configuration: server, SecureServer.register) { server in
            #expect(await SecureServer.who(server, tls: trust).text == "null")
            #expect(await SecureServer.who(server, host: "localhost", tls: trust).text == "null")
        }
    }

    @Test func `a server of another name is refused`() async throws {
        let authority = try await TestCertificates()
        let server = try await SecureServer.configuration(authority.issue(names: ["DNS:other.example"]))
        let trust = try await ClientTLS(authorityFile: authority.authority)
        let named = try await ClientTLS(authorityFile: authority.authority, serverName: "other.example")
        try await withServer(configuration: server, SecureServer.register) { server in
            for host in ["127.0.0.1", "localhost"] {
                let answer = await SecureServer.who(server, host: host, tls: trust)
                #expect(answer.reason == "tls", "\(host): \(answer)")
            }
            #expect(await SecureServer.who(server, tls: named).text == "null")
        }
    }

    @Test func `why a server was not believed is told for as long as it is not asked again`() async throws {
        let authority = try await TestCertificates()
        let server = try await SecureServer.configuration(authority.issue(names: ["DNS:other.example"]))
        var configuration = RPCClientConfiguration()
        configuration.tls = try await ClientTLS(authorityFile: authority.authority)
        (configuration.retries, configuration.backoffMin) = (.never, .seconds(600))
        configuration.backoffMax = .seconds(600)
        try await withServer(configuration: server, SecureServer.register) { server in
            let client = server.client(configuration: configuration)
            for attempt in 1...3 {
                let error = await #expect(throws: RPCError.self) { try await client.call("who") }
                #expect(error?.reason == "tls" && error?.notStarted == true)
                #expect((error?.retryAfter != nil) == (attempt > 1))
            }
            await client.close()
        }
    }

    @Test func `a certificate of another authority is refused, and so is one whose time is over`() async throws {
        let authority = try await TestCertificates()
        let other = try await TestCertificates(name: "other")
        let trust = try await ClientTLS(authorityFile: authority.authority)
        for identity in [try await other.issue(), try await authority.issue(days: -1)] {
            let configuration = try await SecureServer.configuration(identity)
            try await withServer(configuration: configuration, SecureServer.register) { server in
                let answer = await SecureServer.who(server, tls: trust)
                #expect(answer.reason == "tls", "\(answer)")
                #expect("\(answer)".contains("certificate verify failed"), "\(answer)")
            }
        }
    }

    @Test func `with client certificates the caller is the certificate's subject, without hello too`() async throws {
        let authority = try await TestCertificates()
        let configuration = try await SecureServer.configuration(
            authority.issue(), clientAuthority: authority.authority)
        let mine = try await authority.issue("/O=pailou/CN=reports", file: "mine")
        let trust = try await ClientTLS(
            authorityFile: authority.authority, certificateFile: mine.certificate, keyFile: mine.key)
        try await withServer(configuration: configuration, SecureServer.register) { server in
            let expected = #"{"sub":"CN=reports,O=pailou","via":"certificate"}"#
            #expect(await SecureServer.who(server, tls: trust).text == expected)
            let plain = await SecureServer.who(server, tls: trust, isPlain: true)
            #expect(plain.text == expected)
        }
    }

    @Test func `a caller without a certificate, or with a stranger's or an old one, is turned away`() async throws {
        let authority = try await TestCertificates()
        let stranger = try await TestCertificates(name: "stranger")
        let configuration = try await SecureServer.configuration(
            authority.issue(), clientAuthority: authority.authority)
        let refused = [
            nil, try await stranger.issue("/CN=me", file: "me"),
            try await authority.issue("/CN=old", days: -1, file: "old"),
        ]
        try await withServer(configuration: configuration, SecureServer.register) { server in
            for identity in refused {
                let trust = try await ClientTLS(
                    authorityFile: authority.authority, certificateFile: identity?.certificate, keyFile: identity?.key)
                let answer = await SecureServer.who(server, tls: trust)
                #expect(answer.reason == "tls", "\(answer)")
            }
        }
    }

    @Test func `the role gateway is believed of the certificate that is named for it`() async throws {
        let authority = try await TestCertificates()
        var configuration = try await SecureServer.configuration(
            authority.issue(), clientAuthority: authority.authority)
        configuration.gatewaySecret = "secret"
        configuration.gatewaySubjects = ["CN=gateway"]
        try await withServer(configuration: configuration, SecureServer.register) { server in
            for (subject, isBelieved) in [("gateway", true), ("other", false)] {
                let identity = try await authority.issue("/CN=\(subject)", file: subject)
                var client = RPCClientConfiguration()
                client.role = "gateway"
                client.tls = try await ClientTLS(
                    authorityFile: authority.authority, certificateFile: identity.certificate, keyFile: identity.key)
                var meta = RPCMeta()
                meta.principal = ByteBuffer(string: #"{"sub":"anybody"}"#)
                let caller = server.client(configuration: client)
                let answer = try? await caller.call("who", options: .init(meta: meta))
                #expect(answer.map { String(buffer: $0) } == (isBelieved ? #"{"sub":"anybody"}"# : nil))
                await caller.close()
            }
        }
    }
}
