import Foundation
import TestSupport

/// What somebody else's reader (openpyxl) finds in a workbook.
struct ReadWorkbook: Decodable {
    /// The header is the first row.
    var rows: [[ReadCell]]
    var sheet: String
    var freeze: String?
    var filter: String?
    /// As the file says, `A1:J100`.
    var dimension: String
    var boldHeader: [Bool]
    var widths: [Double]
    var title: String?
    var creator: String?
}

/// One value as openpyxl gives it, with the escapes of ST_Xstring undone.
enum ReadCell: Decodable, Equatable {
    case none
    case boolean(Bool)
    case number(Double)
    case text(String)

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .none
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else {
            self = .text(try container.decode(String.self))
        }
    }
}

/// Reads a workbook with openpyxl, in a process of its own.
func readWorkbook(_ path: String) async throws -> ReadWorkbook {
    let python = try await pythonWithPackages(["openpyxl==3.1.5"])
    let result = try await runSuccessfully(python, ["-c", readerScript, path])
    return try JSONDecoder().decode(ReadWorkbook.self, from: Data(result.standardOutput.utf8))
}

private let readerScript = """
    import json, sys, openpyxl
    from openpyxl.cell.text import Text
    from openpyxl.reader import excel
    from openpyxl.utils.escape import unescape
    from openpyxl.xml.functions import iterparse

    # openpyxl undoes one of the escapes, in shared strings only; here all are undone, once.
    excel.read_string_table = lambda source: [
        Text.from_tree(node).content for _, node in iterparse(source) if node.tag.endswith("}si")]

    def value(cell):
        return unescape(cell.value) if isinstance(cell.value, str) else cell.value

    book = openpyxl.load_workbook(sys.argv[1])
    sheet = book.worksheets[0]
    columns = [sheet.cell(1, c + 1).column_letter for c in range(sheet.max_column)]
    print(json.dumps({
        "rows": [[value(cell) for cell in row] for row in sheet.iter_rows()],
        "sheet": sheet.title,
        "freeze": sheet.freeze_panes,
        "filter": sheet.auto_filter.ref,
        "dimension": openpyxl.load_workbook(sys.argv[1], read_only=True).worksheets[0].calculate_dimension(),
        "boldHeader": [bool(cell.font.b) for cell in sheet[1]],
        "widths": [sheet.column_dimensions[c].width for c in columns],
        "title": book.properties.title,
        "creator": book.properties.creator,
    }))
    """
