import Foundation
import JSONBytes
import TestSupport
import Testing

/// A façade of the real program that knows its callers, set up as an operator would.
struct FacadeKeyTests {
    /// What `pailou token` prints: the key for its caller, and the line for the file.
    private static func key(of name: String) async throws -> (key: String, line: String) {
        let lines = try await runSuccessfully(PailouProcess.program, ["token", name]).standardOutput
            .split(separator: "\n").map(String.init)
        try #require(lines.count == 2)
        return (lines[0], lines[1])
    }

    @Test func whoShowsAKeyIsServedAsOftenAsAllowedAndNobodyElse() async throws {
        let directory = try TemporaryDirectory()
        let (key, line) = try await Self.key(of: "reports")
        let keys = try directory.write(line + "\n", to: "keys")
        let log = directory.path("access.log")
        let configuration = try directory.write(
            "facades: {export: {keysFile: \(keys), rate: 3/h}}\ngateway: {accessLog: \(log)}\n", to: "pailou.yaml")
        // Reachable by others, and allowed to be: it knows its callers.
        let system = try await PailouProcess.start(
            in: directory.path("data"), ["--config", configuration, "--listen", "export=0.0.0.0:0"])
        let url = "http://127.0.0.1:\(system.endpoints.port(facade: "export"))/demo/page?limit=1"
        for wrong in [[], [("X-API-Key", key + "x")]] {
            let refused = try await HTTP.get(url, headers: wrong)
            #expect(refused.status == 401 && refused.header("WWW-Authenticate") != nil)
            #expect(try refused.json["errcode"] == 401)
        }
        for shown in [("X-API-Key", key), ("Authorization", "Bearer \(key)"), ("x-api-key", key)] {
            let page = try await HTTP.get(url, headers: [shown])
            #expect(page.status == 200, "\(page.text)")
        }
        let late = try await HTTP.get(url, headers: [("X-API-Key", key)])
        #expect(late.status == 429)
        #expect((1...1_200).contains(late.header("Retry-After").flatMap { Int($0) } ?? 0))

        // What is printed to be tried shows a key where one has to be shown.
        try await eventually("the greeting") { system.standardOutput.contains("history?user_id") }
        let tries = system.standardOutput.split(separator: "\n").filter { $0.hasPrefix("  curl ") }
        #expect(tries.count == 3 && tries.allSatisfy { $0.contains(#" -H "Authorization: Bearer $KEY""#) })

        // A file that cannot be used is told, and leaves the old keys in force.
        try directory.write("what is this\n", to: "keys")
        system.signal(SIGHUP)
        try await eventually("the line that says why") {
            system.standardError.contains("facades.export.keysFile")
        }
        #expect(try await HTTP.get(url, headers: [("X-API-Key", key)]).status == 429)
        let ended = try await system.stop()
        let written = try String(contentsOfFile: log, encoding: .utf8)
        #expect(written.matches(of: /"status":200,.*"principal":"reports"/).count == 3, "\(written)")
        #expect(written.matches(of: /"status":429,.*"principal":"reports"/).count == 2, "\(written)")
        for text in [written, ended.standardOutput, ended.standardError] { #expect(!text.contains(key)) }
    }

    @Test func tokensOfAnIssuerAreTaken() async throws {
        let directory = try TemporaryDirectory()
        let jwks = try directory.write(
            #"{"keys":[{"kty":"oct","kid":"hs","k":"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"}]}"#, to: "jwks")
        let system = try await PailouProcess.start(
            in: directory.path("data"), environment: ["PAILOU_FACADES_EXPORT_JWT_KEYS_FILE": jwks])
        let url = "\(system.exportURL)/demo/page?limit=1"
        // {"alg":"HS256","typ":"JWT","kid":"hs"} {"sub":"ada","exp":4102444800}
        let token =
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImhzIn0.eyJzdWIiOiJhZGEiLCJleHAiOjQxMDI0NDQ4MDB9"
            + ".dJOE-ZNPMxqsegwS3zOvl4q8hcDqn1e-yaHptuxQACg"
        #expect(try await HTTP.get(url, headers: [("Authorization", "Bearer \(token)")]).status == 200)
        let changed = token.dropLast(1) + "A"
        #expect(try await HTTP.get(url, headers: [("Authorization", "Bearer \(changed)")]).status == 401)
        #expect(try await HTTP.get(url).status == 401)
        try await system.stop()
    }
}
