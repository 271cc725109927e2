import ExportService
import Testing

@Suite struct NamesTests {
    @Test(arguments: [
        ("报表", "报表"), ("a/b\\c:d*e?f\"g<h>i|j", "a_b_c_d_e_f_g_h_i_j"), ("..", "__"), ("a. .", "a___"), (" a", " a"),
        ("a\nb\u{0}c\u{7f}d", "a_b_c_d"), ("👍🏽", "👍🏽"),
    ])
    func titlesBecomeFileNames(_ title: String, _ name: String) {
        #expect(FileTitle.sanitized(title) == name)
    }

    @Test(arguments: [
        ("CON", "CON_"), ("nul.txt", "nul_.txt"), ("Com1", "Com1_"), ("LPT¹", "LPT¹_"), ("CONTACT", "CONTACT"),
        ("COM10", "COM10"), ("a.con", "a.con"),
    ])
    func devicesOfWindowsAreNoFileNames(_ title: String, _ name: String) {
        #expect(FileTitle.sanitized(title) == name)
    }

    @Test(arguments: [
        (String(repeating: "😀", count: 80), String(repeating: "😀", count: 50)),
        (String(repeating: "👨‍👩‍👧‍👦", count: 80), String(repeating: "👨‍👩‍👧‍👦", count: 8)),
        (String(repeating: "楼", count: 66) + "... ", String(repeating: "楼", count: 66) + "__"),
        ("e" + String(repeating: "\u{301}", count: 3_000), "e" + String(repeating: "\u{301}", count: 99)),
        (String(repeating: "a", count: 80), String(repeating: "a", count: 80)),
    ])
    func aFileNameHasRoomOnEverySystem(_ title: String, _ name: String) {
        #expect(FileTitle.sanitized(title) == name)
        #expect(FileTitle.fileName(title, format: .jsonLines, part: 1_000_000).utf8.count <= 255)
    }

    @Test func partsAreNumberedOnlyWhenThereAreSeveral() {
        #expect(FileTitle.fileName("a", format: .xlsx, part: nil) == "a.xlsx")
        #expect(FileTitle.fileName("a", format: .csv, part: 2) == "a-2.csv")
    }

    @Test func anArtifactsNameIsOfDigitsAndItsKey() throws {
        let key = try #require(HashKey("2c3a54f7120a0d31f847d43f2c9725b6"))
        let name = ArtifactName(key: key, submittedAt: 1_630_920_274_000)
        #expect(name.path.hasPrefix("202109/0") && name.path.hasSuffix("/2c3a54f7120a0d31f847d43f2c9725b6.zip"))
        #expect(ArtifactName(month: name.month, day: name.day, file: name.file) == name)
    }

    @Test(arguments: [
        ("202109", "06", "../../etc/passwd"), ("..", "06", "2c3a54f7120a0d31f847d43f2c9725b6.zip"),
        ("202109", "..", "2c3a54f7120a0d31f847d43f2c9725b6.zip"),
        ("202109", "6", "2c3a54f7120a0d31f847d43f2c9725b6.zip"),
        ("202109", "06", "2c3a54f7120a0d31f847d43f2c9725b6.zip\u{0}"), ("202109", "06", ".zip"),
        ("２02109", "06", "2c3a54f7120a0d31f847d43f2c9725b6.zip"),
    ])
    func otherNamesAreNoArtifact(_ month: String, _ day: String, _ file: String) {
        #expect(ArtifactName(month: month, day: day, file: file) == nil)
    }

    @Test(
        arguments: [
            (nil, ByteRangeRequest.whole), ("bytes=0-1", .part(0...1)), ("bytes=0-", .part(0...9)),
            ("bytes=9-20", .part(9...9)), ("bytes=-3", .part(7...9)), ("bytes=-30", .part(0...9)),
            ("bytes=10-", .unsatisfiable), ("bytes=-0", .unsatisfiable), ("bytes=3-2", .whole), ("bytes=a-b", .whole),
            ("bytes=0-1,3-4", .whole), ("pages=0-1", .whole), ("bytes=", .whole), ("bytes=-", .whole),
            ("bytes=99999999999999999999-", .unsatisfiable),
        ] as [(String?, ByteRangeRequest)])
    func rangesAreReadAsTheStandardSays(_ header: String?, _ range: ByteRangeRequest) {
        #expect(ByteRangeRequest(header: header, size: 10) == range)
    }

    @Test func stampsHaveTheServersOffset() {
        let text = WallClock.text(milliseconds: 1_630_920_274_999)
        #expect(text.hasPrefix("2021-09-0") && text.count == 25)
    }
}
