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
}
