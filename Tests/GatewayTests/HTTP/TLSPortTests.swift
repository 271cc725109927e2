import NIOCore
import RPC
import TestSupport
import Testing

@testable import Gateway

/// A façade that speaks TLS, and those who do not, or not to the end.
@Suite(.timeLimit(.minutes(1))) struct TLSPortTests {
    private static func run(
        handshakeDurationMax: Duration = .seconds(30),
        _ body: (GatewayHarness, TestCertificates) async throws -> Void
    ) async throws {
        let authority = try await TestCertificates()
        let identity = try await authority.issue()
        let tls = try await ServerTLS(
            certificateFile: identity.certificate, keyFile: identity.key, protocols: ["http/1.1"],
            handshakeDurationMax: handshakeDurationMax)
        try await GatewayHarness.run(configure: { $0.tls = tls }) { try await body($0, authority) }
    }

    /// What curl is answered, which trusts the authority of the test.
    private static func get(_ harness: GatewayHarness, _ authority: TestCertificates) async throws -> String {
        try await runSuccessfully(
            "curl", ["-s", "--cacert", authority.authority, "https://127.0.0.1:\(harness.port)/records/1"]
        ).standardOutput
    }

    @Test func `plain text gets no answer, and leaves nothing open`() async throws {
        try await Self.run { harness, authority in
            for text in [request("GET /records/1"), "\r\n\r\n", String(repeating: "x", count: 100_000)] {
                let client = try await harness.connect()
                try? await client.send(text)
                let heard = (try? await client.readToEnd()) ?? []
                #expect(!String(decoding: heard, as: UTF8.self).contains("HTTP"))
                await client.close()
            }
            try await eventually("the end of all") { harness.gateway.load.connections == 0 }
            #expect(harness.log.started.isEmpty)
            #expect(try await Self.get(harness, authority).contains(#""code":0"#))
        }
    }

    @Test func `a handshake that does not go on is ended, and others go on beside it`() async throws {
        try await Self.run(handshakeDurationMax: .milliseconds(100)) { harness, _ in
            var slow: [RawTCPClient] = []
            for octets: [UInt8] in [[], [0x16], [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01]] {
                let client = try await harness.connect()
                try await client.send(octets)
                slow.append(client)
            }
            for client in slow { _ = try await client.readToEnd() }
            try await eventually("the end of all") { harness.gateway.load.connections == 0 }
        }
    }

    @Test func `nothing is negotiated again`() async throws {
        try await Self.run { harness, authority in
            let result = try await runProcess(
                "openssl",
                ["s_client", "-connect", "127.0.0.1:\(harness.port)", "-tls1_2", "-CAfile", authority.authority],
                input: Array("R\n".utf8))
            let text = result.standardOutput + result.standardError
            // It is refused by an alert or by hanging up, never by shaking hands.
            #expect(text.contains("RENEGOTIATING") && text.contains(":error:"), "\(text.suffix(500))")
            #expect(try await Self.get(harness, authority).contains(#""code":0"#))
        }
    }

    @Test func `a handshake at a plain port is no request`() async throws {
        try await GatewayHarness.run { harness in
            let result = try await runProcess("curl", ["-sk", "https://127.0.0.1:\(harness.port)/records/1"])
            #expect(result.status == 35, "\(result)")
            #expect(harness.log.started.isEmpty)
            let answer = try await harness.ask(request("GET /records/1"))
            #expect(answer.status == 200)
        }
    }
}
