import Foundation
import JSONBytes
import TestSupport
import Testing

/// TLS and tokens of the real program, as two machines use them.
struct SecurityTests {
    @Test func gatewayAndServiceSpeakTLSAndCallersShowTokens() async throws {
        let directory = try TemporaryDirectory()
        let authority = try await TestCertificates()
        let identity = try await authority.issue()
        let secret = try directory.write(String(repeating: "s", count: 64), to: "rpc.secret")
        let made = try await runSuccessfully(PailouProcess.program, ["token", "reports"]).standardOutput
        let lines = made.split(separator: "\n").map(String.init)
        #expect(lines.count == 2 && lines[1].hasPrefix("reports "))
        let token = try directory.write(lines[0], to: "token")
        let environment = [
            "PAILOU_RPC_SECRET_FILE": secret, "PAILOU_RPC_TLS_CERTIFICATE": identity.certificate,
            "PAILOU_RPC_TLS_KEY": identity.key, "PAILOU_RPC_TLS_AUTHORITY": authority.authority,
            "PAILOU_RPC_TOKENS_FILE": try directory.write(lines[1] + "\n", to: "tokens"),
            "PAILOU_GATEWAY_TLS_CERTIFICATE": identity.certificate, "PAILOU_GATEWAY_TLS_KEY": identity.key,
        ]
        let service = try await PailouProcess.start(
            in: directory.path("service"), ["--role", "export"], environment: environment)
        let gateway = try await PailouProcess.start(
            in: directory.path("gateway"), ["--role", "gateway"],
            environment: environment.merging(["PAILOU_SERVICES_EXPORT": service.endpoints.rpc["export"]!]) { $1 })
        #expect(Set(gateway.endpoints.tls) == ["export", "rpc.gateway", "scrape"])
        try await eventually("the table of what listens") { gateway.standardOutput.contains("https://") }

        let rpc = try #require(gateway.endpoints.rpc["gateway"])
        let call = ["call", "export.demo.page", #"{"page":1,"limit":1}"#, "--to", rpc]
        let shown = ["--ca", authority.authority, "--token-file", token]
        let answer = try await runSuccessfully(PailouProcess.program, call + shown)
        #expect(answer.standardOutput.contains("pagetag"))
        let nobody = try await runProcess(PailouProcess.program, call + ["--ca", authority.authority])
        #expect(nobody.status == 1 && nobody.standardError.contains("UNAUTHENTICATED.credentials"))
        let plain = try await runProcess(PailouProcess.program, call + ["--timeout", "5"])
        #expect(plain.status == 1 && plain.standardOutput.isEmpty)

        let facade = try #require(gateway.endpoints.facades["export"])
        let page = try await runSuccessfully(
            "curl", ["-s", "--cacert", authority.authority, "https://\(facade)/demo/page?limit=1"])
        #expect(try JSONValue(parsing: Array(page.standardOutput.utf8))["errcode"] == 0)
        #expect(try await runProcess("curl", ["-s", "https://\(facade)/demo/page"]).status == 60)
        try await gateway.stop()
        try await service.stop()
    }

    @Test func twoMachinesKnowEachOtherByTheirCertificates() async throws {
        let directory = try TemporaryDirectory()
        let authority = try await TestCertificates()
        let (own, its) = (
            try await authority.issue("/CN=gateway", file: "gateway"),
            try await authority.issue("/CN=export", file: "export")
        )
        let service = try await PailouProcess.start(
            in: directory.path("service"), ["--role", "export"],
            environment: [
                "PAILOU_RPC_TLS_CERTIFICATE": its.certificate, "PAILOU_RPC_TLS_KEY": its.key,
                "PAILOU_RPC_TLS_CLIENT_AUTHORITY": authority.authority,
                "PAILOU_RPC_TLS_GATEWAY_SUBJECT": "CN=gateway",
            ])
        let address = try #require(service.endpoints.rpc["export"])
        let gateway = try await PailouProcess.start(
            in: directory.path("gateway"), ["--role", "gateway"],
            environment: [
                "PAILOU_RPC_TLS_CERTIFICATE": own.certificate, "PAILOU_RPC_TLS_KEY": own.key,
                "PAILOU_RPC_TLS_AUTHORITY": authority.authority, "PAILOU_SERVICES_EXPORT": address,
            ])
        let page = try await HTTP.get("\(gateway.exportURL)/demo/page?limit=1")
        #expect(page.status == 200, "\(page.text)")
        let stranger = try await runProcess(
            PailouProcess.program,
            ["call", "export.demo.page", #"{"page":1}"#, "--to", address, "--ca", authority.authority])
        #expect(stranger.status == 1 && stranger.standardError.contains("UNAVAILABLE.tls"), "\(stranger)")
        try await gateway.stop()
        try await service.stop()
    }

    @Test func oneProcessServesItselfByTLSAndReadsNewCertificatesOnSIGHUP() async throws {
        let directory = try TemporaryDirectory()
        let authority = try await TestCertificates()
        let used = try await authority.issue("/CN=first", names: ["DNS:pailou.example"], file: "used")
        let next = try await authority.issue("/CN=second", names: ["DNS:pailou.example"], file: "next")
        let system = try await PailouProcess.start(
            in: directory.path("data"),
            environment: [
                "PAILOU_RPC_TLS_CERTIFICATE": used.certificate, "PAILOU_RPC_TLS_KEY": used.key,
                "PAILOU_GATEWAY_TLS_CERTIFICATE": used.certificate, "PAILOU_GATEWAY_TLS_KEY": used.key,
                "PAILOU_GATEWAY_PUBLIC_URL": "https://pailou.example", "PAILOU_LISTEN_RELOAD_INTERVAL": "1h",
            ])
        let facade = try #require(system.endpoints.facades["export"])
        #expect(try await shownBy(facade, authority) == "CN=first")
        try replace(used.certificate, by: next.certificate)
        system.signal(SIGHUP)
        try await eventually("the line that says why") { system.standardError.contains("cannot be used") }
        #expect(try await shownBy(facade, authority) == "CN=first")
        try replace(used.key, by: next.key)
        system.signal(SIGHUP)
        try await eventually("the new certificate") { try await shownBy(facade, authority) == "CN=second" }
        try await system.stop()
    }

    @Test func whatOthersCanReachIsNotOpenedUnprotected() async throws {
        let directory = try TemporaryDirectory()
        for name in ["rpc.export", "export", "admin"] {
            let refused = try await runProcess(
                PailouProcess.program,
                ["serve", "--ephemeral", "--data-dir", directory.path("data"), "--listen", "\(name)=0.0.0.0:0"])
            #expect(refused.status == 78)
            #expect(refused.standardError.contains("\(name) would listen on 0.0.0.0:0"), "\(refused.standardError)")
            #expect(refused.standardError.contains("listen.allowPlaintext"))
        }
        let halfSet = try await runProcess(
            PailouProcess.program, ["serve", "--ephemeral", "--data-dir", directory.path("data")],
            environment: ["PAILOU_RPC_TLS_CERTIFICATE": "/none"])
        #expect(halfSet.status == 78 && halfSet.standardError.contains("rpc.tls.key"), "\(halfSet.standardError)")
        let tokens = try directory.write("# nobody yet\n", to: "tokens")
        let allowed = try await PailouProcess.start(
            in: directory.path("data"), ["--role", "export", "--listen", "rpc.export=0.0.0.0:0"],
            environment: ["PAILOU_RPC_TOKENS_FILE": tokens])
        #expect(allowed.standardError.contains("travel in clear"), "\(allowed.standardError)")
        try await allowed.stop()
    }

    /// The subject of the certificate that a façade shows; the call behind it goes through TLS inside the process.
    private func shownBy(_ facade: String, _ authority: TestCertificates) async throws -> String? {
        let port = facade.split(separator: ":").last!
        let page = try await runSuccessfully(
            "curl",
            ["-sv", "--cacert", authority.authority, "--resolve", "pailou.example:\(port):127.0.0.1"]
                + ["-H", "Host: pailou.example", "https://pailou.example:\(port)/demo/page?limit=1"])
        #expect(try JSONValue(parsing: Array(page.standardOutput.utf8))["errcode"] == 0)
        let line = page.standardError.split(separator: "\n").first { $0.contains("subject: ") }
        return line?.split(separator: ": ").last.map { $0.filter { $0 != " " } }
    }

    private func replace(_ file: String, by other: String) throws {
        let data = try #require(FileManager.default.contents(atPath: other))
        try data.write(to: URL(fileURLWithPath: file), options: .atomic)
    }
}
