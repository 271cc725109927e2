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

    @Test func exportTellsWhatItDoesAndHowMuchHasCome() async throws {
        let directory = try TemporaryDirectory()
        let source = try await HeldSource.start(rows: 100, pageHeld: 6)
        let system = try await PailouProcess.start(
            in: directory.path("data"), environment: ["PAILOU_EXPORT_ALLOWED_SOURCES": "127.0.0.1:\(source.port)"])
        let export = try TestProcess(
            PailouProcess.program,
            [
                "export", source.url, "--limit", "10", "-o", directory.path("out.zip"), "--to",
                try #require(system.endpoints.rpc["gateway"]),
            ])
        try await eventually("a line of progress") { export.standardError.contains(" / 100 rows  crawling, 0.0 MB") }
        func diskBytes() async throws -> Double? {
            try await HTTP.get(system.adminURL + "/metrics").text.split(separator: "\n")
                .first { $0.hasPrefix("export_disk_bytes ") }.flatMap { Double($0.dropFirst(18)) }
        }
        #expect(try #require(await diskBytes()) > 0)
        source.release()
        let result = try await export.waitForExit()
        #expect(try await diskBytes() == 0)
        #expect(result.status == 0 && result.standardError.contains("100%  100 / 100 rows\n"), "\(result)")
        try await system.stop()
        await source.close()
    }

    @Test func anInterruptedExportIsCancelledAndLeavesNothing() async throws {
        let directory = try TemporaryDirectory()
        let source = try await HeldSource.start(rows: 100, pageHeld: 2)
        let system = try await PailouProcess.start(
            in: directory.path("data"), environment: ["PAILOU_EXPORT_ALLOWED_SOURCES": "127.0.0.0/8"])
        try FileManager.default.createDirectory(
            atPath: directory.path("out"), withIntermediateDirectories: false)
        let command = try TestProcess(
            PailouProcess.program,
            [
                "export", source.url, "--limit", "10", "-o", directory.path("out/never.zip"), "--to",
                try #require(system.endpoints.rpc["gateway"]),
            ])
        try await eventually("the export to run") { source.isHolding }
        command.signal(SIGINT)
        #expect(try await command.waitForExit().status == 128 + SIGINT)
        let history = try await HTTP.get(system.exportURL + "/v1/export/history?user_id=pailou").json["data"]
        #expect(history?.elements?.map { $0["status"]?.integer } == [4])
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path("out")).isEmpty)
        source.release()
        try await system.stop()
        await source.close()
    }

    @Test func whatIsWrongWithAnExportIsSaidInWords() async throws {
        let directory = try TemporaryDirectory()
        let system = try await PailouProcess.start(in: directory.path("data"))
        let result = try await runProcess(
            PailouProcess.program,
            [
                "export", "http://127.0.0.1:1/x", "--limit", "0", "-o", directory.path("out.zip"), "--to",
                try #require(system.endpoints.rpc["gateway"]),
            ])
        #expect(result.status == 1)
        #expect(result.standardError.hasSuffix("source_http.param.limit: expected at least 1, found 0\n"))
        try await system.stop()
    }

    @Test func aFileThatCannotBeWrittenIsToldBeforeTheExport() async throws {
        let result = try await runProcess(
            PailouProcess.program, ["export", "http://127.0.0.1:1/x", "-o", "/nowhere/out.zip", "--to", "127.0.0.1:1"])
        #expect(result.status == 64)
        #expect(result.standardError.contains("/nowhere/out.zip"), "\(result.standardError)")
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
