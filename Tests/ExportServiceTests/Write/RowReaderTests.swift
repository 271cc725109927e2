import ExportService
import Spreadsheet
import Testing

/// Rows are read by key into the header's columns.
@Suite struct RowReaderTests {
    private let header = #"{"Age":"年龄","ID":"编号","Na\"me":"姓名","x":null,"y":7}"#

    private func columns() throws -> ColumnMap {
        try Array(header.utf8).withUnsafeBytes { try ColumnMap(header: $0) }
    }

    /// The cells of a row in words.
    private func cells(_ row: String) throws -> [String] {
        var reader = RowReader(columns: try columns())
        var words: [String] = []
        try Array(row.utf8).withUnsafeBytes { bytes in
            try reader.read(bytes) { cells throws(SpreadsheetError) in words = cells.map(Self.word) }
        }
        return words
    }

    private static func word(_ cell: Cell) -> String {
        switch cell {
        case .empty: "-"
        case .boolean(let flag): flag ? "yes" : "no"
        case .number(let text): "#" + String(decoding: text, as: UTF8.self)
        case .text(let text): "'" + String(decoding: text, as: UTF8.self)
        case .json(let text): String(decoding: text, as: UTF8.self)
        }
    }

    @Test func columnsAreTheHeadersKeysInDocumentOrder() throws {
        #expect(try columns().captions == ["年龄", "编号", "姓名", "", "7"])
    }

    @Test(arguments: [
        (#"{"Age":1,"ID":2,"Na\"me":"a","x":true,"y":false}"#, ["#1", "#2", "'a", "yes", "no"]),
        (#"{"y":[1, 2],"ID":-2.50e3,"x":{"a":1}}"#, ["-", "#-2.50e3", "-", #"{"a":1}"#, "[1, 2]"]),
        ("{}", ["-", "-", "-", "-", "-"]),
        (#"{"extra":1,"Age":null,"\u0049D":"1"}"#, ["-", "'1", "-", "-", "-"]),
        (#"{"Age":"a\nb\u4e2d\ud83d\ude00","ID":"\"","Na\u0022me":"plain"}"#, ["'a\nb中😀", "'\"", "'plain", "-", "-"]),
        (#"{"Age":1,"Age":2}"#, ["#1", "-", "-", "-", "-"]), (#"{"Age":""}"#, ["'", "-", "-", "-", "-"]),
    ])
    func valuesStandUnderTheirKeys(_ row: String, _ expected: [String]) throws {
        #expect(try cells(row) == expected)
    }

    @Test(arguments: ["{}", "[]", "1"])
    func aHeaderWithoutColumnsIsRefused(_ header: String) {
        #expect(throws: CrawlFailure.self) {
            try Array(header.utf8).withUnsafeBytes { _ = try ColumnMap(header: $0) }
        }
    }
}
