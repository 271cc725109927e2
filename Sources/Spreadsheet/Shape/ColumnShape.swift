/// How a column of a workbook is shown, and what its cells become.
package struct ColumnShape: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// Cells as they come.
        case general
        /// Everything as text: numbers keep their spelling.
        case text
        case integer
        /// So many digits behind the point.
        case decimal(Int)
        /// 0.125 is shown as 12.50 %.
        case percent
        /// With the currency's symbol in front and two digits behind the point.
        case money(symbol: String)
        /// ISO 8601, or seconds or milliseconds since 1970.
        case date(timeZone: String?)
        case dateTime(timeZone: String?)
    }

    /// What stands below the column.
    package enum Total: String, Sendable, CaseIterable {
        case sum, average, count, min, max

        /// Excel's name of it.
        var function: String { self == .count ? "COUNTA" : rawValue.uppercased() }
    }

    package var kind = Kind.general
    /// Excel's code of how numbers are shown, instead of the kind's own.
    package var formatCode: String?
    /// In characters; nil is as wide as the first rows need.
    package var width: Int?
    /// Stands over all neighbours that have the same one.
    package var group: String?
    package var total: Total?

    package init(kind: Kind = .general, width: Int? = nil, group: String? = nil, total: Total? = nil) {
        self.kind = kind
        self.width = width
        self.group = group
        self.total = total
    }

    /// Excel's code of how numbers are shown; nil for its own choice.
    var numberFormat: String? { formatCode ?? kind.numberFormat }

    /// The least width that shows what the column holds.
    var widthMin: Int {
        switch kind {
        case .date: 12
        case .dateTime: 20
        default: 0
        }
    }
}

extension ColumnShape.Kind {
    /// As requests and templates of styles call it.
    package var name: String {
        switch self {
        case .general: "general"
        case .text: "text"
        case .integer: "integer"
        case .decimal: "decimal"
        case .percent: "percent"
        case .money: "money"
        case .date: "date"
        case .dateTime: "datetime"
        }
    }

    package static let names = ["general", "text", "integer", "decimal", "percent", "money", "date", "datetime"]

    /// Excel's code of how its numbers are shown; nil for its own choice.
    var numberFormat: String? {
        switch self {
        case .general: nil
        case .text: "@"
        case .integer: "0"
        case .decimal(let digits): digits == 0 ? "0" : "0." + String(repeating: "0", count: digits)
        case .percent: "0.00%"
        case .money(let symbol): "\"\(Self.quotable(symbol))\"#,##0.00"
        case .date: "yyyy-mm-dd"
        case .dateTime: "yyyy-mm-dd hh:mm:ss"
        }
    }

    /// The text without quotes: scalar by scalar, for a quote with a combining mark is one character.
    private static func quotable(_ symbol: String) -> String {
        XMLText.clean(String(String.UnicodeScalarView(symbol.unicodeScalars.filter { $0 != "\"" })))
    }
}

extension ColumnShape {
    /// Octets of a currency's symbol. libxlsxwriter cuts a format at 127, in the middle of whatever stands there.
    package static let symbolBytesMax = 32

    /// Whether a text can be a currency's symbol.
    package static func isSymbol(_ text: String) -> Bool {
        text.utf8.count <= symbolBytesMax && XMLText.clean(text) == text
            && !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}

/// How a sheet is shown.
package struct SheetShape: Sendable, Equatable {
    /// As many as there are columns, or none: everything is general then.
    package var columns: [ColumnShape] = []
    /// The sheet's name, as far as Excel allows; nil takes the title.
    package var name: String?
    /// The header stays where it is when the rows are scrolled.
    package var freezesHeader = true
    /// So many columns stay where they are.
    package var frozenColumns = 0
    /// The header has the buttons of a filter.
    package var hasFilter = true
    package var style = SheetStyle()

    package init() {}

    /// A row of groups stands over the captions.
    package var hasGroups: Bool { columns.contains { $0.group != nil } }
    package var hasTotals: Bool { columns.contains { $0.total != nil } }
    /// Cells become something else than what they came as, or are added up.
    var changesCells: Bool { columns.contains { $0.kind != .general || $0.total != nil } }
    package var headerRows: Int { hasGroups ? 2 : 1 }

    /// Whether a zone of that name, such as `Asia/Shanghai`, is known.
    package static func isTimeZone(_ name: String) -> Bool { ExcelTime.isZone(name) }

    /// Groups of neighbours with the same caption.
    var groups: [(caption: String, columns: ClosedRange<Int>)] {
        var groups: [(caption: String, columns: ClosedRange<Int>)] = []
        for (index, column) in columns.enumerated() {
            guard let caption = column.group else { continue }
            if let last = groups.last, last.caption == caption, last.columns.upperBound == index - 1 {
                groups[groups.count - 1].columns = last.columns.lowerBound...index
            } else {
                groups.append((caption, index...index))
            }
        }
        return groups
    }
}
