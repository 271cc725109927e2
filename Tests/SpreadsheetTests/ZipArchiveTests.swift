import Foundation
import TestSupport
import Testing

@testable import Spreadsheet

/// Archives of ours, opened by Info-ZIP and by Python's zipfile.
struct ZipArchiveTests {
    private struct Entry: Decodable, Equatable {
        var name: String
        var method: Int
        var isUTF8: Bool
        var date: [Int]
        var mode: Int
        var content: String
    }

    private func entries(of path: String) async throws -> [Entry] {
        try await runSuccessfully("unzip", ["-tq", path], environment: ["LC_ALL": "C.UTF-8"])
        let result = try await runSuccessfully("python3", ["-c", zipScript, path], environment: ["TZ": "UTC"])
        return try JSONDecoder().decode([Entry].self, from: Data(result.standardOutput.utf8))
    }

    @Test("files are stored under their UTF-8 names, with their times", arguments: [ZipArchive.zip64BytesMin, 0])
    func stored(zip64From: Int) async throws {
        let directory = try TemporaryDirectory()
        let contents = ["报告-1.xlsx": "first", "😀 ñ.csv": String(repeating: "x", count: 3_000_000), "folder/empty": ""]
        let archive = try ZipArchive(path: directory.path("a.zip"), zip64From: zip64From)
        let modified = Date(timeIntervalSince1970: 1_700_000_000)
        for (name, content) in contents.sorted(by: { $0.key < $1.key }) {
            let source = try directory.write(content, to: "source")
            try FileManager.default.setAttributes([.modificationDate: modified], ofItemAtPath: source)
            try archive.add(file: source, as: name)
        }
        let bytes = try archive.finish()
        let attributes = try FileManager.default.attributesOfItem(atPath: directory.path("a.zip"))
        #expect(attributes[.size] as? Int == bytes)

        let local = Calendar.current.dateComponents([.year, .month, .day, .hour, .minute, .second], from: modified)
        let date = [local.year!, local.month!, local.day!, local.hour!, local.minute!, local.second! & ~1]
        let expected = contents.map { name, content in
            Entry(name: name, method: 0, isUTF8: true, date: date, mode: 0o100644, content: content)
        }
        #expect(try await entries(of: directory.path("a.zip")) == expected.sorted { $0.name < $1.name })
    }

    @Test(
        "a name that an unpacker could misuse is refused",
        arguments: ["", "/etc/passwd", "../a", "a/../b", "a//b", "a/", "./a", "a\\b", "a\nb", "a\u{0}b"])
    func badNames(name: String) throws {
        let directory = try TemporaryDirectory()
        let source = try directory.write("x", to: "source")
        let archive = try ZipArchive(path: directory.path("a.zip"))
        #expect(throws: SpreadsheetError.invalidEntryName(name)) { try archive.add(file: source, as: name) }
    }

    @Test("a name is taken once")
    func repeatedName() throws {
        let directory = try TemporaryDirectory()
        let source = try directory.write("x", to: "source")
        let archive = try ZipArchive(path: directory.path("a.zip"))
        try archive.add(file: source, as: "a")
        #expect(throws: SpreadsheetError.invalidEntryName("a")) { try archive.add(file: source, as: "a") }
    }

    @Test("a file that is not there is named in the error")
    func missingFile() throws {
        let directory = try TemporaryDirectory()
        let archive = try ZipArchive(path: directory.path("a.zip"))
        let missing = directory.path("missing")
        let error = #expect(throws: SpreadsheetError.self) { try archive.add(file: missing, as: "a") }
        #expect(error?.description == "cannot open \(missing): no such file or directory")
    }

    @Test("an abandoned archive is gone, a finished one stays")
    func abandon() throws {
        let directory = try TemporaryDirectory()
        let archive = try ZipArchive(path: directory.path("a.zip"))
        archive.abandon()
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == [])
        let finished = try ZipArchive(path: directory.path("b.zip"))
        _ = try finished.finish()
        finished.abandon()
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["b.zip"])
    }
}

private let zipScript = """
    import json, sys, zipfile
    with zipfile.ZipFile(sys.argv[1]) as archive:
        print(json.dumps([{
            "name": info.filename,
            "method": info.compress_type,
            "isUTF8": bool(info.flag_bits & 0x800),
            "date": info.date_time,
            "mode": info.external_attr >> 16,
            "content": archive.read(info).decode(),
        } for info in sorted(archive.infolist(), key=lambda info: info.filename)]))
    """
