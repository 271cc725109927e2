import NIOCore
import RPC
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct TLSAttackTests {
    @Test func `plain frames to a port with TLS get no answer`() async throws {
        let authority = try await TestCertificates()
        let configuration = try await SecureServer.configuration(authority.issue())
        try await withServer(configuration: configuration, SecureServer.register) { server in
            let client = try await RawTCPClient(port: server.port)
            try await client.send(VectorOctets.framed(Array(request(1, "echo", "[1]").utf8)))
            let heard = try await client.readToEnd()
            #expect(!String(decoding: heard, as: UTF8.self).contains("jsonrpc"))
            try await eventually { server.server.connectionCount == 0 }
            let answer = await SecureServer.who(server)
            #expect(answer.text == nil)
        }
    }

    @Test func `a caller that wants TLS does not fall back to a plain port`() async throws {
        let authority = try await TestCertificates()
        let trust = try await ClientTLS(authorityFile: authority.authority)
        try await withServer(SecureServer.register) { server in
            let answer = await SecureServer.who(server, tls: trust)
            #expect(answer.reason == "tls", "\(answer)")
        }
    }

    @Test func `a handshake that does not go on is ended`() async throws {
        let authority = try await TestCertificates()
        var configuration = RPCServerConfiguration()
        let identity = try await authority.issue()
        configuration.tls = try await ServerTLS(
            certificateFile: identity.certificate, keyFile: identity.key, handshakeDurationMax: .milliseconds(100))
        try await withServer(configuration: configuration, SecureServer.register) { server in
            let silent = try await RawTCPClient(port: server.port)
            let slow = try await RawTCPClient(port: server.port)
            // The beginning of a ClientHello, and nothing after it.
            try await slow.send([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01])
            _ = try await silent.readToEnd()
            _ = try await slow.readToEnd()
            try await eventually { server.server.connectionCount == 0 }
        }
    }

    @Test(arguments: ["-tls1", "-tls1_1"]) func `versions before 1.2 are refused`(version: String) async throws {
        let authority = try await TestCertificates()
        let configuration = try await SecureServer.configuration(authority.issue())
        try await withServer(configuration: configuration, SecureServer.register) { server in
            let arguments = [
                "s_client", "-connect", "127.0.0.1:\(server.port)", "-CAfile", authority.authority,
                "-cipher", "ALL:@SECLEVEL=0",
            ]
            let old = try await runProcess("openssl", arguments + [version])
            #expect(old.standardOutput.contains("Cipher is (NONE)"), "\(old.standardOutput)")
            let new = try await runProcess("openssl", arguments + ["-tls1_2"])
            #expect(new.standardOutput.contains("Verify return code: 0 (ok)"), "\(new.standardOutput)")
        }
    }
}
