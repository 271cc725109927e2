import Spreadsheet

/// What the workbooks of certain exports look like, as the operator wrote it down in a file (`StyleTemplateReader`).
///
/// What a request asks for goes before it.
struct StyleTemplate: Sendable, Equatable {
    /// How the numbers of a column are shown, and how wide it is.
    struct Column: Sendable, Equatable {
        /// Excel's code, such as `#,##0.00`.
        var format: String?
        /// In characters.
        var width: Int?
    }

    /// Which exports: titles, in which `*` stands for any text.
    var titles: [String] = []
    var style = SheetStyle()
    /// Excel's codes by the name of a column's format (`ColumnShape.Kind.name`).
    var formats: [String: String] = [:]
    /// By the source's key.
    var columns: [String: Column] = [:]

    func isFor(_ title: String) -> Bool { titles.contains { Self.matches(Array($0.utf8), Array(title.utf8)) } }

    /// The shape with what the template adds to it; `keys` are those of the columns, in their order.
    func styled(_ shape: SheetShape, keys: [String]) -> SheetShape {
        var shape = shape
        shape.style = style
        if shape.columns.isEmpty { shape.columns = keys.map { _ in ColumnShape() } }
        for (index, key) in keys.enumerated() {
            let column = columns[key]
            if shape.columns[index].width == nil { shape.columns[index].width = column?.width }
            shape.columns[index].formatCode = column?.format ?? formats[shape.columns[index].kind.name]
        }
        return shape
    }

    /// Looks whether a pattern covers the whole text. Where a text differs, the last `*` takes one octet more.
    private static func matches(_ pattern: [UInt8], _ text: [UInt8]) -> Bool {
        let star = UInt8(ascii: "*")
        var (position, next) = (0, 0)
        var afterStar: (pattern: Int, text: Int)?
        while next < text.count {
            if position < pattern.count, pattern[position] == star {
                position += 1
                afterStar = (position, next)
            } else if position < pattern.count, pattern[position] == text[next] {
                position += 1
                next += 1
            } else if let place = afterStar {
                position = place.pattern
                next = place.text + 1
                afterStar = (place.pattern, next)
            } else {
                return false
            }
        }
        return pattern[position...].allSatisfy { $0 == star }
    }
}
