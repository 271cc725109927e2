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
}
