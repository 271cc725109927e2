import Foundation
import TestSupport
import Testing

@testable import Spreadsheet

/// What needs a process of its own: a full disk, a foreign locale, descriptors counted.
///
/// A limit on the size of files (RLIMIT_FSIZE) stands for the full disk: a write beyond it fails in the same place.
struct HostileProcessTests {
    @Test(
        "a disk that fills up while rows are written is an error, and no file stays",
        arguments: [(XLSXEngineKind.libxlsxwriter, 1 << 20), (.stream, 1 << 16)])
    func fullWhileWriting(engine: XLSXEngineKind, limit: Int) async throws {
        let directory = try TemporaryDirectory()
        await #expect(processExitsWith: .success) {
            [path = directory.path as String, engine = engine.rawValue as String, limit = limit as Int] in
            limitFiles(to: limit)
            let error = failure { try writeTable(to: "\(path)/a.xlsx", rows: 60_000, engine) }
            try report(error, unless: error?.isSystemError == true, in: path)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == [])
    }

    @Test("a disk that fills up while the workbook is put together is an error, and no file stays")
    func fullWhileClosing() async throws {
        let directory = try TemporaryDirectory()
        try writeTable(to: directory.path("measured.xlsx"), rows: 5_000, "libxlsxwriter")
        let part = ["-p", directory.path("measured.xlsx"), "xl/worksheets/sheet1.xml"]
        let sheetBytes = try await runSuccessfully("unzip", part).standardOutput.utf8.count
        try FileManager.default.removeItem(atPath: directory.path("measured.xlsx"))
        // The file of the bare rows is some 1,000 bytes shorter than the sheet, so only the second one fails.
        await #expect(processExitsWith: .success) {
            [path = directory.path as String, limit = sheetBytes - 500 as Int] in
            limitFiles(to: limit)
            let error = failure { try writeTable(to: "\(path)/a.xlsx", rows: 5_000, "libxlsxwriter") }
            try report(error, unless: error?.isDamage == true, in: path)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == [])
    }

    @Test(
        "wherever the disk fills up while a streamed workbook is completed is an error, and no file stays",
        arguments: [5_000, 15_000, 19_000])
    func fullWhileCompleting(below: Int) async throws {
        let directory = try TemporaryDirectory()
        try writeTable(to: directory.path("measured.xlsx"), rows: 5_000, "stream")
        let whole = try FileManager.default.attributesOfItem(atPath: directory.path("measured.xlsx"))[.size] as? Int
        try FileManager.default.removeItem(atPath: directory.path("measured.xlsx"))
        await #expect(processExitsWith: .success) {
            [path = directory.path as String, limit = try #require(whole) * below / 20_000 as Int] in
            limitFiles(to: limit)
            let error = failure { try writeTable(to: "\(path)/a.xlsx", rows: 5_000, "stream") }
            try report(error, unless: error?.isSystemError == true, in: path)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == [])
    }

    @Test("a disk that fills up while a zip is written is an error, and abandoning leaves nothing")
    func fullZip() async throws {
        let directory = try TemporaryDirectory()
        try directory.write(String(repeating: "x", count: 3_000_000), to: "source")
        await #expect(processExitsWith: .success) { [path = directory.path as String] in
            limitFiles(to: 1 << 20)
            let archive = try ZipArchive(path: "\(path)/a.zip")
            let error = failure {
                try archive.add(file: "\(path)/source", as: "a")
                _ = try archive.finish()
            }
            archive.abandon()
            try report(error, unless: error != nil, in: path)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["source"])
    }

    @Test("a locale with a decimal comma does not reach the file", arguments: XLSXEngineKind.allCases)
    func locale(engine: XLSXEngineKind) async throws {
        let directory = try TemporaryDirectory()
        try await compileCommaLocale(in: directory)
        await #expect(processExitsWith: .success) {
            [path = directory.path as String, engine = engine.rawValue as String] in
            setenv("LOCPATH", path, 1)
            guard setlocale(LC_NUMERIC, "xx_XX") != nil else { exit(2) }
            guard localeconv().pointee.decimal_point.pointee == CChar(UInt8(ascii: ",")) else { exit(3) }
            let writer = try XLSXSheetWriter(path: "\(path)/a.xlsx", title: "a", options: by(engine))
            try writer.writeHeader(["a", "b"])
            try writer.write([.number("1.5"), .number("0.1234567890123456")])
            _ = try writer.finish()
        }
        let book = try await readWorkbook(directory.path("a.xlsx"))
        #expect(book.rows.last == [.number(1.5), .number(0.1234567890123456)])
        #expect(book.widths.allSatisfy { $0 > 8 })
    }

    @Test(
        "no descriptor and no file is left by finished, abandoned and failed workbooks",
        arguments: XLSXEngineKind.allCases)
    func nothingLeft(engine: XLSXEngineKind) async throws {
        let directory = try TemporaryDirectory()
        await #expect(processExitsWith: .success) {
            [path = directory.path as String, engine = engine.rawValue as String] in
            try writeTable(to: "\(path)/warm-up.xlsx", rows: 1, engine)
            let before = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
            try writeTable(to: "\(path)/finished.xlsx", rows: 10, engine)
            for rows in [1, 60_000] {
                let abandoned = try XLSXSheetWriter(
                    path: "\(path)/abandoned.xlsx", title: "a", options: by(engine))
                try abandoned.writeHeader(["a"])
                for _ in 0..<rows { try abandoned.write([.text("pending")]) }
                abandoned.abandon()
            }
            let error = failure {
                let failed = try XLSXSheetWriter(
                    path: "\(path)/no/such/directory.xlsx", title: "a", options: by(engine, inside: path))
                try failed.writeHeader(["a"])
                _ = try failed.finish()
            }
            let after = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
            try report(error, unless: error != nil && before == after, in: path)
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
        #expect(names == ["finished.xlsx", "warm-up.xlsx"])
    }
}

// MARK: Inside the child

private func limitFiles(to bytes: Int) {
    signal(SIGXFSZ, SIG_IGN)
    var limit = rlimit(rlim_cur: rlim_t(bytes), rlim_max: rlim_t(bytes))
    setrlimit(__rlimit_resource_t(1), &limit)  // RLIMIT_FSIZE
}

private func writeTable(to path: String, rows: Int, _ engine: String) throws {
    let writer = try XLSXSheetWriter(path: path, title: "table", options: by(engine))
    try writer.writeHeader(["a", "b"])
    for row in 0..<rows { try writer.write([.text("some text that takes its place"), .number("\(row)")]) }
    _ = try writer.finish()
}

/// - Parameter engine: by its name, since a child is given nothing but plain values.
private func by(_ engine: String, inside directory: String? = nil) -> XLSXOptions {
    var options = XLSXOptions.with(XLSXEngineKind(rawValue: engine)!)
    options.temporaryDirectory = directory
    return options
}

private func failure(_ body: () throws -> Void) -> SpreadsheetError? {
    do {
        try body()
        return nil
    } catch {
        return error as? SpreadsheetError
    }
}

/// Ends the child with a status of its own if things are not as expected.
private func report(_ error: SpreadsheetError?, unless isExpected: Bool, in directory: String) throws {
    if isExpected { return }
    print("found \(String(describing: error)) and", try FileManager.default.contentsOfDirectory(atPath: directory))
    exit(1)
}

extension SpreadsheetError {
    fileprivate var isSystemError: Bool { if case .system = self { true } else { false } }
    fileprivate var isDamage: Bool { if case .damaged = self { true } else { false } }
}

// MARK: A locale of our own

/// Compiles a locale `xx_XX` whose only difference from C is its decimal comma, so that no system locale is needed.
private func compileCommaLocale(in directory: TemporaryDirectory) async throws {
    let charmap = try directory.write(
        """
        <code_set_name> ANSI_X3.4-1968
        <comment_char> %
        <escape_char> /
        CHARMAP
        <U002C> /x2c COMMA
        <U002E> /x2e FULL STOP
        END CHARMAP

        """, to: "charmap")
    let source = try directory.write(
        """
        comment_char %
        escape_char /
        LC_NUMERIC
        decimal_point "<U002C>"
        thousands_sep "<U002E>"
        grouping 3;3
        END LC_NUMERIC

        """, to: "locale")
    // It warns about the categories that are missing, and answers 1 for warnings.
    _ = try await runProcess(
        "localedef", ["-c", "--no-archive", "-i", source, "-f", charmap, directory.path("xx_XX")])
}
