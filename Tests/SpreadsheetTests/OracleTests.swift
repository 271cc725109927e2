import Foundation
import TestSupport
import Testing

@testable import Spreadsheet

/// Random tables, written by each engine, read by programs that nobody here wrote.
struct OracleTests {
    private static let columns = 12
    private static let rows = 300

    /// What a spreadsheet program shows of a cell: CSV knows no types.
    private struct Sample {
        var cell: TestCell
        var read: ReadCell
    }

    /// Texts of all scripts and traps, without those controls that CSV readers disagree about.
    private static let texts = [
        "plain", "", " both sides ", "=1+1", "-2", "+cmd", "@x", "007", "1e5", "true", "2024-01-02", "5%", "_x0041_",
        "<a href=\"x\">&amp;'</a>", "]]>", "comma, quote \" and semicolon;", "牌楼 の 문 ñ é", "😀👩‍👩‍👧", "e\u{301}",
        "שלום عالم",
        "tab\tinside", "line\nbreak", "\u{FFFD}", "123456789012345678", String(repeating: "長", count: 1_000),
    ]
    private static let numbers = [
        "0", "1", "-1", "1.5", "0.1", "123456789012345", "-2.5e-7", "1E3", "99999.99", "9007199254740992.5", "1e20",
    ]

    private static func sample(_ random: inout some RandomNumberGenerator) -> Sample {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return Sample(cell: .empty, read: .none)
        case 1:
            let value = Bool.random(using: &random)
            return Sample(cell: .boolean(value), read: .boolean(value))
        case 2...4:
            let spelling = numbers.randomElement(using: &random)!
            let isKept = spelling.withCString {
                XLSXNumber.isKept(UnsafeRawBufferPointer(start: $0, count: spelling.utf8.count))
            }
            return Sample(cell: .number(spelling), read: isKept ? .number(Double(spelling)!) : .text(spelling))
        case 5:
            let spelling =
                "\(Int.random(in: -1_000_000...1_000_000, using: &random)).\(Int.random(in: 1...9, using: &random))"
            return Sample(cell: .number(spelling), read: .number(Double(spelling)!))
        default:
            let text =
                texts.randomElement(using: &random)! + (Bool.random(using: &random) ? "" : "\(random.next() % 50)")
            return Sample(cell: .text(text), read: text.isEmpty ? .none : .text(text))
        }
    }

    private static func write(
        to path: String, _ options: XLSXOptions, seed: UInt64
    ) throws -> [[Sample]] {
        var random = SeededGenerator(seed: seed)
        let table = (0..<rows).map { _ in (0..<columns).map { _ in sample(&random) } }
        let writer = try XLSXSheetWriter(path: path, title: "random \(seed)", options: options)
        try writer.writeHeader((0..<columns).map { "column \($0)" })
        for row in table { try writer.write(row.map(\.cell)) }
        _ = try writer.finish()
        return table
    }

    @Test("random tables are read back by openpyxl and calamine", arguments: XLSXEngineKind.allCases)
    func readersOfPython(engine: XLSXEngineKind) async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("random.xlsx")
        let python = try await pythonWithPackages(["python-calamine==0.3.1"])
        for (seed, sharedStringsMax) in [(1, 0), (2, 20), (3, 262_144)] as [(UInt64, Int)] {
            var options = XLSXOptions.with(engine)
            options.sharedStringsMax = sharedStringsMax
            let table = try Self.write(to: path, options, seed: seed)
            let expected = table.map { $0.map(\.read) }
            expectSame(try await Array(readWorkbook(path).rows.dropFirst()), expected, "openpyxl, seed \(seed)")

            let output = try await runSuccessfully(python, ["-c", calamineScript, path]).standardOutput
            let rows = try JSONDecoder().decode([[ReadCell]].self, from: Data(output.utf8))
            // calamine reads an empty cell as an empty text and takes whole numbers for integers.
            let seen = rows.dropFirst().map { $0.map { $0 == .text("") ? .none : $0 } }
            expectSame(seen, expected, "calamine, seed \(seed)")
        }
    }

    /// Says which row differs, not what all of them are.
    private func expectSame(_ found: [[ReadCell]], _ expected: [[ReadCell]], _ reader: String) {
        #expect(found.count == expected.count, "\(reader)")
        for (row, (found, expected)) in zip(found, expected).enumerated() where found != expected {
            Issue.record("\(reader), row \(row): found \(found), expected \(expected)")
            return
        }
    }

    @Test("LibreOffice opens random tables and shows their texts and numbers", arguments: XLSXEngineKind.allCases)
    func office(engine: XLSXEngineKind) async throws {
        let directory = try TemporaryDirectory()
        let table = try Self.write(to: directory.path("random.xlsx"), .with(engine), seed: 4)
        // UTF-8 (76), comma, quote; as stored and not as shown, all sheets' first.
        try await runSuccessfully(
            "soffice",
            [
                "-env:UserInstallation=file://\(directory.path("profile"))", "--headless", "--norestore",
                "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false", "--outdir",
                directory.path as String, directory.path("random.xlsx"),
            ], within: .seconds(120))
        let python = try await pythonWithPackages([])
        let output = try await runSuccessfully(python, ["-c", csvScript, directory.path("random.csv")]).standardOutput
        let rows = try JSONDecoder().decode([[String]].self, from: Data(output.utf8)).dropFirst()
        #expect(rows.count == table.count)
        for (found, expected) in zip(rows, table) {
            for (text, sample) in zip(found, expected) {
                #expect(Self.isShown(sample.read, as: text), "\(text) for \(sample.cell)")
            }
        }
    }

    private static func isShown(_ cell: ReadCell, as text: String) -> Bool {
        switch cell {
        case .none: text == ""
        case .boolean(let value): text == (value ? "TRUE" : "FALSE")
        case .number(let value): Double(text) == value
        case .text(let expected): text == expected
        }
    }
}

private let calamineScript = """
    import json, sys
    from python_calamine import CalamineWorkbook
    from re import sub

    def value(cell):
        undone = lambda escape: chr(int(escape[1], 16))
        return sub("_x([0-9A-Fa-f]{4})_", undone, cell) if isinstance(cell, str) else cell

    book = CalamineWorkbook.from_path(sys.argv[1])
    rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    print(json.dumps([[value(cell) for cell in row] for row in rows]))
    """

private let csvScript = """
    import csv, json, sys
    csv.field_size_limit(1 << 20)
    print(json.dumps(list(csv.reader(open(sys.argv[1], encoding="utf-8", newline="")))))
    """
