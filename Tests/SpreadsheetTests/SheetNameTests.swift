import TestSupport
import Testing

@testable import Spreadsheet

struct SheetNameTests {
    @Test(
        "a title becomes a name that Excel accepts",
        arguments: [
            ("report", "report"),
            ("用户 2024", "用户 2024"),
            ("a/b\\c:d*e?f[g]h", "a_b_c_d_e_f_g_h"),
            ("'quoted'", "quoted"),
            ("it's", "it's"),
            ("  spaces  ", "spaces"),
            ("line\nbreak\u{0}", "line_break_"),
            ("", "Sheet1"),
            ("''", "Sheet1"),
            ("History", "History_"),
            ("HISTORY", "HISTORY_"),
            ("a_x0041_b", "a-x0041_b"),
            ("\u{FFFF}", "_"),
            (String(repeating: "a", count: 40), String(repeating: "a", count: 31)),
            (String(repeating: "楼", count: 40), String(repeating: "楼", count: 31)),
            (String(repeating: "😀", count: 40), String(repeating: "😀", count: 15)),
            (String(repeating: "a", count: 30) + "😀", String(repeating: "a", count: 30)),
            (String(repeating: "a", count: 30) + "'b", String(repeating: "a", count: 30)),
        ])
    func names(title: String, name: String) {
        #expect(SheetName.valid(for: title) == name)
        #expect(name.utf16.count <= 31)
    }

    @Test(
        "sheets of one workbook have different names",
        arguments: [
            (nil, ["Sheet1", "Sheet2", "Sheet255"]), ("People", ["People", "People 2", "People 255"]),
            (String(repeating: "a", count: 31), ["a", "a 2", "a 255"].map { String(repeating: "a", count: 26) + $0 }),
            (
                String(repeating: "a", count: 26) + " 2345",
                ["", " 2", " 255"].map { String(repeating: "a", count: 26) + $0 }
            ),
            (String(repeating: "😀", count: 15), ["", " 2", " 255"].map { String(repeating: "😀", count: 13) + $0 }),
        ] as [(String?, [String])])
    func namesOfSeveral(name: String?, names: [String]) {
        #expect([1, 2, 255].map { SheetName.valid(for: name, number: $0) } == names)
        #expect(names.allSatisfy { $0.utf16.count <= 31 } && Set(names).count == 3)
    }

    /// Names that are a number, a cell or a word of Excel's unless they stand in quotes, and some that are not.
    private static let titles = [
        "2024", "20240101", "2024_01", "1.5", "A1", "Q1", "FY24", "xfd1048576", "R1C1", "RC", "r", "FALSE", "true",
        "12pm",
        "plain", "it's", "用户",
    ]

    @Test("references name every sheet in quotes", arguments: XLSXEngineKind.allCases)
    func quoted(engine: XLSXEngineKind) async throws {
        let directory = try TemporaryDirectory()
        var paths: [String] = []
        for (index, title) in Self.titles.enumerated() {
            paths.append(directory.path("\(index).xlsx"))
            let writer = try XLSXSheetWriter(path: paths.last!, title: title, options: .with(engine))
            try writer.writeHeader(["a", "b"])
            for row in 0..<7 { try writer.write([.number("\(row)"), .text("x")]) }
            _ = try writer.finish()
            let book = try await runSuccessfully("unzip", ["-p", paths.last!, "xl/workbook.xml"]).standardOutput
            let name = "'\(title.replacing("'", with: "''"))'"
            #expect(
                book.contains(#"localSheetId="0" hidden="1">\#(name)!$A$1:$B$8</definedName>"#), "\(title): \(book)")
        }
        // LibreOffice makes a database range of a filter it understands.
        try await runSuccessfully(
            "soffice",
            [
                "-env:UserInstallation=file://\(directory.path("profile"))", "--headless", "--norestore",
                "--convert-to", "fods", "--outdir", directory.path as String,
            ] + paths, within: .seconds(180))
        for (index, title) in Self.titles.enumerated() {
            let ranges = try await runProcess(
                "grep", ["-o", "<table:database-range [^>]*>", directory.path("\(index).fods")]
            ).standardOutput
            #expect(ranges.contains(#"display-filter-buttons="true""#) && ranges.contains("B8"), "\(title): \(ranges)")
        }
    }
}
