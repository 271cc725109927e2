import Foundation
import JSONBytes
import TestSupport
import Testing

/// The samples of `clients/swift`, as a reader would run them; the other languages' run with their clients' own tests.
@Suite struct SwiftSampleTests {
    /// The binary that was built beside this test bundle.
    private static let program = Bundle.main.executableURL!.deletingLastPathComponent()
        .appendingPathComponent("samples").path

    @Test func `the four samples do what their first lines say`() async throws {
        let directory = try TemporaryDirectory()
        let held = try await HeldSource.start(rows: 50, pageHeld: 2)
        let system = try await PailouProcess.start(
            in: directory.path("data"), ["--role", "all", "--role", "demo"],
            environment: ["PAILOU_EXPORT_ALLOWED_SOURCES": "127.0.0.1:\(held.port)"])
        let gateway = try #require(system.endpoints.rpc["gateway"])
        func sample(_ words: String...) async throws -> ProcessResult {
            try await runProcess(Self.program, words + ["--address", gateway])
        }

        let called = try await sample("call", "subtract", "[42, 23]")
        #expect(called.standardOutput == "19\n" && called.status == 0, "\(called)")
        let unknown = try await sample("call", "demo.nothing", "--timeout", "5")
        #expect(unknown.status == 1 && unknown.standardError.contains("-32601 UNIMPLEMENTED"), "\(unknown)")

        let zip = directory.path("demo.zip")
        let exported = try await sample("export", "\(system.exportURL)/demo/page?total=100", "-o", zip)
        #expect(exported.status == 0, "\(exported)")
        #expect(try await Workbook.rows(ofZip: zip).count == 101)
        let key = try #require(exported.standardOutput.firstMatch(of: /submitted (\w+)\n/)).1

        let watched = try await sample("watch", String(key))
        let end = try #require(watched.standardOutput.firstMatch(of: /(?:^|\n)ended (.*)\n$/), "\(watched)").1
        #expect(try JSONValue(parsing: Array(end.utf8))["hash_key"]?.string == String(key))

        // It has come to its end already: the server says so.
        let cancelled = try await sample("cancel", String(key))
        #expect(cancelled.status == 1 && cancelled.standardError.contains("FAILED_PRECONDITION"), "\(cancelled)")
        let body = ExportClient.body(source: held.url, limit: 10)
        let running = try await ExportClient(baseURL: system.exportURL).submit(body)
        try await eventually("the export to run") { held.isHolding }
        #expect(try await sample("cancel", running).standardOutput == "status 4\n")
        held.release()
        await held.close()
        try await system.stop()
    }

    @Test func `an address that is none is a mistake of use`() async throws {
        let result = try await runProcess(Self.program, ["call", "get_data", "--address", "nowhere"])
        #expect(result.status == 64)
        #expect(result.standardError.contains("expected HOST:PORT"))
    }
}
