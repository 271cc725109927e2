import Artifacts
import ExportService
import Foundation
import JSONBytes
import RPC
import ServiceContracts
import TestSupport
import Testing

/// What the files of an export are, beside workbooks and CSV; read by others.
@Suite struct FormatTests {
    private func text(_ path: String) async throws -> String {
        try await runSuccessfully("cat", [path]).standardOutput
    }

    private let rows =
        #"[{"a":"甲","b":"B\tb"},{"a":"x\ty","b":-1.50},{"b":{"k":[1,2]},"a":null},{"a":"\u2028\"","b":true}]"#

    private func body(_ format: String) -> JSONValue {
        Sample.raw.setting("ext_type", .string(format)).setting("title", "t").setting("source_raw", .string(rows))
    }

    @Test func tabsSeparate() async throws {
        try await withExports { harness in
            let (detail, folder) = try await harness.exported(body("tsv"), ExportMethods.submitRaw)
            #expect(detail.summary.extType == "TSV")
            let lines = try await text("\(folder)/t.tsv").components(separatedBy: "\r\n")
            #expect(lines[0] == "\u{feff}甲\t\"B\tb\"")
            #expect(lines[1] == "\"x\ty\"\t-1.50")
            #expect(lines[2] == "\t\"{\"\"k\"\":[1,2]}\"")
            #expect(lines[3] == "\"\u{2028}\"\"\"\ttrue")
        }
    }

    @Test func linesAreObjects() async throws {
        try await withExports { harness in
            let (detail, folder) = try await harness.exported(body("JSONL"), ExportMethods.submitRaw)
            #expect(detail.summary.extType == "JSONL" && detail.rows == 3)
            let lines = try await text("\(folder)/t.jsonl").split(separator: "\n")
            #expect(lines.count == 3)
            #expect(lines[0] == #"{"a":"x\ty","b":-1.50}"#)
            #expect(lines[1] == #"{"a":null,"b":{"k":[1,2]}}"#)
            #expect(try JSONValue(parsing: Array(lines[2].utf8)) == ["a": "\u{2028}\"", "b": true])
        }
    }

    @Test func aPasswordClosesTheZip() async throws {
        let password = "密码 p@ss"
        try await withExports { harness in
            let body = body("CSV").setting("password", .string(password))
            let key = try await harness.submit(body, ExportMethods.submitRaw)
            let detail = try await harness.ended(key)
            #expect(detail.summary.status == .succeeded, "\(detail.summary.failReason)")
            let zip = harness.directory.path("a.zip")
            try await harness.download(detail).write(to: zip)
            let script = """
                import sys, pyzipper
                with pyzipper.AESZipFile(sys.argv[1]) as archive:
                    assert archive.infolist()[0].flag_bits & 1
                    for wrong in (None, b"wrong"):
                        try:
                            archive.setpassword(wrong)
                            archive.read("t.csv")
                            raise SystemExit("opened with " + repr(wrong))
                        except RuntimeError:
                            pass
                    archive.setpassword(sys.argv[2].encode())
                    info = archive.getinfo("t.csv")
                    assert archive.read("t.csv").decode("utf-8-sig").startswith("甲,"), archive.read("t.csv")
                    assert info.wz_aes_strength == 3, info.wz_aes_strength
                """
            let python = try await pythonWithPackages(["pyzipper==0.3.6"])
            try await runSuccessfully(python, ["-c", script, zip, password], environment: ["PYTHONUTF8": "1"])
            // Nothing on the disk knows it.
            for name in FileTree.names(in: harness.directory.path) where name.hasPrefix("store") {
                let found = try await runProcess("grep", ["-c", "p@ss", harness.directory.path(name)])
                #expect(found.status == 1, "\(name)")
            }
            // The same request is the same export, with another password it is another one.
            #expect(try await harness.submit(body, ExportMethods.submitRaw) == key)
            #expect(try await harness.submit(body.setting("password", "other"), ExportMethods.submitRaw) != key)
        }
    }

    @Test func aPasswordIsRefusedWhereItCannotBeKept() async throws {
        try await withExports({ $0.passwords = nil }) { harness in
            let error = await #expect(throws: RPCError.self) {
                try await harness.submit(body("CSV").setting("password", "x"), ExportMethods.submitRaw)
            }
            #expect(error?.details.first?.path == ["password"])
        }
    }

    /// Of a password that nobody gave.
    @Test func whatIsOursIsNotTakenFromARequest() async throws {
        let server = try await PagedSource(total: 1).server()
        try await withExports { harness in
            for secrets in ["00", "x"] {
                let raw = body("CSV").setting("password_sealed", .string(secrets))
                let (ofRaw, _) = try await harness.exported(raw, ExportMethods.submitRaw)
                #expect(ofRaw.rows == 3)
                let http = server.request(format: "CSV").setting("password_sealed", .string(secrets))
                let (ofHTTP, _) = try await harness.exported(http)
                #expect(ofHTTP.rows == 1)
            }
        }
        try await withExports({ $0.passwords = nil }) { harness in
            let raw = body("CSV").setting("password_sealed", "00")
            let (ofRaw, _) = try await harness.exported(raw, ExportMethods.submitRaw)
            #expect(ofRaw.rows == 3)
        }
        await server.close()
    }

    @Test func aZipIsNotWrittenInTheClearWhereItsPasswordCannotBeRead() async throws {
        let gate = Gate()
        let server = try await PagedSource.gated(total: 300, by: gate, where: { page, _ in page == 3 }).server()
        let directory = try TemporaryDirectory()
        let key = try await withExports(in: directory) { harness in
            let key = try await harness.submit(server.request(limit: 100).setting("password", "secret"))
            try await eventually("the first pages to be written") { try await harness.detail(key).rows == 200 }
            return key
        }
        gate.open()
        try await withExports(in: directory, { $0.passwords = nil }) { harness in
            let detail = try await harness.ended(key)
            #expect(detail.summary.status == .failed)
            #expect(detail.summary.failReason.contains("the password of this export cannot be read here"))
        }
        await server.close()
    }

    /// Two parts of some 60,000 octets each: a plain zip takes one more while it is made, an encrypted one both.
    @Test(arguments: [(nil, 200_000, true), (nil, 150_000, false), ("x", 260_000, true), ("x", 200_000, false)])
    func theZipIsMadeWithinTheDiskAnExportMayTake(password: String?, bytesMax: Int, fits: Bool) async throws {
        let text = String(repeating: "x", count: 990)
        let rows = "[{\"a\":\"A\"}" + (0..<120).map { _ in ",{\"a\":\"\(text)\"}" }.joined() + "]"
        try await withExports {
            $0.file.rowsPerFile = 60
            $0.file.diskBytesMax = bytesMax
        } _: { harness in
            let body = body("CSV").setting("source_raw", .string(rows))
                .setting("password", password.map { .string($0) } ?? .null)
            let detail = try await harness.ended(try await harness.submit(body, ExportMethods.submitRaw))
            #expect((detail.summary.status == .succeeded) == fits, "\(detail.summary.failReason)")
            #expect(fits || detail.summary.failReason.hasSuffix("octets, \(bytesMax) are allowed"))
        }
    }

    @Test func aPasswordSurvivesARestart() async throws {
        let gate = Gate()
        let server = try await PagedSource.gated(total: 300, by: gate, where: { page, _ in page == 3 }).server()
        let directory = try TemporaryDirectory()
        let key = try await withExports(in: directory) { harness in
            let key = try await harness.submit(server.request(limit: 100).setting("password", "secret"))
            try await eventually("the first pages to be written") { try await harness.detail(key).rows == 200 }
            return key
        }
        gate.open()
        try await withExports(in: directory) { harness in
            let detail = try await harness.ended(key)
            #expect(detail.summary.status == .succeeded && detail.rows == 300, "\(detail.summary.failReason)")
            let zip = harness.directory.path("a.zip")
            try await harness.download(detail).write(to: zip)
            let listed = try await runSuccessfully("unzip", ["-Z", "-v", zip], environment: ["LC_ALL": "C.UTF-8"])
            #expect(listed.standardOutput.contains("file security status:                           encrypted"))
        }
        await server.close()
    }
}
