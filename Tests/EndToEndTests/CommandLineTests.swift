import Foundation
import JSONBytes
import TestSupport
import Testing

/// The client commands against the running system.
struct CommandLineTests {
    @Test func callPrintsTheResultAndMethodsListsWhatIsOffered() async throws {
        let directory = try TemporaryDirectory()
        let system = try await PailouProcess.start(in: directory.path("data"), ["--role", "all", "--role", "demo"])
        let gateway = try #require(system.endpoints.rpc["gateway"])

        let sum = try await runSuccessfully(PailouProcess.program, ["call", "subtract", "[42, 23]", "--to", gateway])
        #expect(sum.standardOutput == "19\n")

        let piped = try await runSuccessfully(
            PailouProcess.program, ["call", "demo.echo", "-", "--to", gateway], input: Array(#"{"a": [1, "é"]}"#.utf8))
        #expect(try JSONValue(parsing: piped.standardOutput.utf8.dropLast())["a"]?.elements?.count == 2)

        let methods = try await runSuccessfully(PailouProcess.program, ["methods", "--to", gateway])
        for name in ["export.http.submit", "export.job.get", "demo.echo"] {
            #expect(methods.standardOutput.contains(name))
        }
        try await system.stop()
    }

    @Test func aFailedCallTellsCodeAndStatusAndExits1() async throws {
        let directory = try TemporaryDirectory()
        let system = try await PailouProcess.start(in: directory.path("data"))
        let gateway = try #require(system.endpoints.rpc["gateway"])
        let unknown = try await runProcess(
            PailouProcess.program, ["call", "export.job.get", #"{"key": "none"}"#, "--to", gateway])
        #expect(unknown.status == 1)
        #expect(unknown.standardOutput.isEmpty)
        #expect(unknown.standardError.contains("-32055 NOT_FOUND"), "\(unknown.standardError)")

        let missing = try await runProcess(PailouProcess.program, ["call", "export.nothing", "--to", gateway])
        #expect(missing.status == 1)
        #expect(missing.standardError.contains("-32601 UNIMPLEMENTED"), "\(missing.standardError)")
        try await system.stop()
    }

    @Test func exportShowsProgressInPlainLinesAndDownloads() async throws {
        let directory = try TemporaryDirectory()
        let system = try await PailouProcess.start(in: directory.path("data"))
        let zip = directory.path("out.zip")
        let result = try await runSuccessfully(
            PailouProcess.program,
            [
                "export", system.exportURL + "/demo/page?total=3000", "--title", "cli", "--limit", "500", "-o", zip,
                "--to", try #require(system.endpoints.rpc["gateway"]),
            ])
        #expect(result.standardError.contains("100%"), "\(result.standardError)")
        #expect(!result.standardError.contains("\r"))
        #expect(try await Workbook.rows(ofZip: zip).count == 3001)
        try await system.stop()
    }

    @Test func nobodyThereIsToldWithTheAddress() async throws {
        let result = try await runProcess(
            PailouProcess.program, ["call", "demo.echo", "--to", "127.0.0.1:1"])
        #expect(result.status == 1)
        #expect(result.standardError.contains("127.0.0.1:1"), "\(result.standardError)")
    }

    @Test func facadeCheckNamesFileLineAndReason() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(
            """
            openapi: 3.1.0
            info: {title: Broken, version: "1"}
            x-facade: {name: broken, listen: "127.0.0.1:0", errors: {default: {body: {}}}}
            paths:
              /a:
                get:
                  x-rpc: {method: a.get, respond: json}
                  responses: {"200": {description: fine}}
            """, to: "broken.yaml")
        let result = try await runProcess(PailouProcess.program, ["facade", "check", file])
        #expect(result.status == 1)
        #expect(result.standardError.contains("\(file):7"), "\(result.standardError)")
        #expect(result.standardError.contains("respond"))
    }

    @Test func configListsEveryKeyWithItsSource() async throws {
        let result = try await runSuccessfully(
            PailouProcess.program, ["config"], environment: ["PAILOU_EXPORT_ALLOWED_SOURCES": "10.0.0.0/8"])
        #expect(result.standardOutput.contains("export.allowedSources\n    value    10.0.0.0/8  (environment "))
        #expect(result.standardOutput.contains("gateway.bodyBytesMax"))
    }
}
