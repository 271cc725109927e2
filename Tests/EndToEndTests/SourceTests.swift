import JSONBytes
import TestSupport
import Testing

/// Sources of strangers that lie, attack or break off: the export fails and says why, the system lives on.
struct SourceTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let answer: HTTPTestAnswer
        /// A part of `fail_reason`.
        let reason: String
        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "HTML", answer: .text("<html>login</html>"), reason: "page 1"),
        Case(name: "endless body", answer: .endless(), reason: "page 1"),
        Case(name: "gzip bomb", answer: .gzipBomb(decodedBytes: 256 << 20), reason: "page 1"),
        Case(
            name: "redirect to the metadata address", answer: .redirect(to: "http://169.254.169.254/latest/"),
            reason: "export.allowedSources"),
        Case(name: "errcode", answer: .json(#"{"errcode":7,"msg":"no such view"}"#), reason: "no such view"),
    ]

    @Test(arguments: cases)
    func aBadSourceFailsTheExportWithItsReason(bad: Case) async throws {
        let directory = try TemporaryDirectory()
        let source = try await HTTPTestServer { _ in bad.answer }
        let system = try await PailouProcess.start(
            in: directory.path("data"), environment: ["PAILOU_EXPORT_ALLOWED_SOURCES": source.address])
        let client = ExportClient(baseURL: system.exportURL)
        let key = try await client.submit(ExportClient.body(source: source.url + "/x", title: bad.name))
        let detail = try await client.finished(key)
        #expect(detail["status"]?.integer == 3)
        #expect(detail["fail_reason"]?.string?.contains(bad.reason) == true, "\(detail)")
        #expect(detail["down_url"]?.string == "")
        #expect(try await HTTP.get(system.adminURL + "/healthz").status == 200)
        try await system.stop()
        await source.close()
    }

    @Test func aSourceOnAPrivateAddressIsRefusedAndTheSettingNamed() async throws {
        let directory = try TemporaryDirectory()
        let source = try await HTTPTestServer { _ in .text("secret") }
        let system = try await PailouProcess.start(in: directory.path("data"))
        let client = ExportClient(baseURL: system.exportURL)
        let key = try await client.submit(ExportClient.body(source: source.url + "/x"))
        let detail = try await client.finished(key)
        #expect(detail["status"]?.integer == 3)
        #expect(detail["fail_reason"]?.string?.contains("export.allowedSources") == true, "\(detail)")
        #expect(source.connectionCount == 0)
        try await system.stop()
        await source.close()
    }
}
