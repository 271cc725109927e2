import Glibc

/// Writes rows as the XML of `sheetData`.
///
/// Every cell has its reference. Numbers stand as they were spelled: what JSON calls a number is one for XML Schema. Texts
/// are shared as long as there is room for another one, then they stand in their cells.
struct RowEncoder: ~Copyable {
    /// Everything of a cell but its text.
    private static let cellBytesMax = 96
    /// Everything of a row but its cells.
    private static let rowBytesMax = 32

    private(set) var warnings = SheetWarnings()
    var output: ByteBuffer
    var strings: SharedStrings
    private let references: CellReferences
    private let styles: CellStyles?
    private var sharing: [ColumnSharing]
    private let onlyRepeated: Bool
    private var row = RowNumber(0)

    /// - Parameters:
    ///   - onlyRepeated: leaves the texts of a column in their cells once next to all of them turn out to be unique.
    ///   - styles: of the columns; none if all are the default.
    init(columns: Int, strings: consuming SharedStrings, onlyRepeated: Bool, styles: [Int], capacity: Int) {
        self.styles = styles.isEmpty ? nil : CellStyles(styles)
        sharing = Array(repeating: ColumnSharing(), count: columns)
        self.onlyRepeated = onlyRepeated
        references = CellReferences(columns: columns)
        self.strings = strings
        output = ByteBuffer(capacity: capacity)
    }

    @inline(__always)
    mutating func beginRow(_ index: Int) {
        output.reserve(Self.rowBytesMax)
        row = RowNumber(index + 1)
        put("<row r=\"")
        row.write(to: output.end)
        output.count += row.count
        put("\">")
    }

    @inline(__always)
    mutating func endRow() {
        output.reserve(Self.rowBytesMax)
        put("</row>")
    }

    /// Writes cells of the row from a column on until the output is so long; answers the next column.
    mutating func write(_ cells: UnsafeBufferPointer<Cell>, from first: Int, limit: Int) -> Int {
        var column = first
        while column < cells.count, output.count < limit {
            write(cells[column], column: column)
            column &+= 1
        }
        return column
    }

    @inline(__always)
    private mutating func write(_ cell: Cell, column: Int) {
        switch cell {
        case .empty: break
        case .boolean(let value):
            output.reserve(Self.cellBytesMax)
            beginCell(column)
            put(value ? "\" t=\"b\"><v>1</v></c>" : "\" t=\"b\"><v>0</v></c>")
        case .number(let spelling):
            if XLSXNumber.isKept(spelling) { write(number: spelling, column) } else { write(text: spelling, column) }
        case .text(let text), .json(let text): write(text: text, column)
        }
    }

    @inline(__always)
    private mutating func write(number: UnsafeRawBufferPointer, _ column: Int) {
        output.reserve(Self.cellBytesMax + number.count)
        beginCell(column)
        put("\"><v>")
        memcpy(output.end, number.baseAddress!, number.count)
        output.count += number.count
        put("</v></c>")
    }

    @inline(__always)
    private mutating func write(text: UnsafeRawBufferPointer, _ column: Int) {
        guard text.count > 0 else { return }
        output.reserve(Self.cellBytesMax + XLSXTextEncoder.bytesMax(for: text.count))
        beginCell(column)
        // The text is written to where it stands if it is not shared.
        let preservesSpace = Self.isSpace(text[0]) || Self.isSpace(text[text.count - 1])
        let opening: StaticString =
            preservesSpace
            ? "\" t=\"inlineStr\"><is><t xml:space=\"preserve\">" : "\" t=\"inlineStr\"><is><t>"
        let start = output.end + opening.utf8CodeUnitCount
        let encoded = XLSXTextEncoder.encode(text, as: .xml, into: start)
        if encoded.isCut || encoded.isRepaired { warnings.note(encoded) }
        let item = UnsafeRawBufferPointer(start: start, count: encoded.count)
        if let index = sharedIndex(of: item, preservesSpace: preservesSpace, column) {
            put("\" t=\"s\"><v>")
            put(decimal: index)
            put("</v></c>")
        } else {
            put(opening)
            output.count += encoded.count
            put("</t></is></c>")
        }
    }

    @inline(__always)
    private mutating func sharedIndex(
        of item: UnsafeRawBufferPointer, preservesSpace: Bool, _ column: Int
    ) -> Int? {
        guard sharing[column].isWorthwhile else { return nil }
        let known = strings.count
        let index = strings.index(of: item, preservesSpace: preservesSpace)
        sharing[column].note(isKnown: index != nil && strings.count == known)
        if sharing[column].isDue, onlyRepeated || strings.isFull {
            sharing[column].decide(isFull: strings.isFull)
        }
        return index
    }

    /// `<c r="AB12`
    @inline(__always)
    private mutating func beginCell(_ column: Int) {
        output.count += references.write(column: column, to: output.end)
        row.write(to: output.end)
        output.count += row.count
        if let styles { output.count += styles.write(column: column, to: output.end) }
    }

    @inline(__always)
    private mutating func put(_ text: StaticString) {
        memcpy(output.end, text.utf8Start, text.utf8CodeUnitCount)
        output.count += text.utf8CodeUnitCount
    }

    @inline(__always)
    private mutating func put(decimal number: Int) {
        let digits = RowNumber(number)
        digits.write(to: output.end)
        output.count += digits.count
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\n")
    }
}

/// Whether looking for a column's texts among the shared ones leads to anything.
private struct ColumnSharing {
    /// Texts before the first decision, and between two later ones.
    private static let firstPeriod: UInt32 = 1_024
    private static let period: UInt32 = 8_192

    private(set) var isWorthwhile = true
    private var texts: UInt32 = 0
    private var known: UInt32 = 0
    private var isDecided = false

    @inline(__always)
    mutating func note(isKnown: Bool) {
        texts &+= 1
        if isKnown { known &+= 1 }
    }

    @inline(__always)
    var isDue: Bool { texts >= (isDecided ? Self.period : Self.firstPeriod) }

    /// Gives up on a column next to all of whose recent texts were new; on one most of whose texts were, if there is no room
    /// for new ones.
    mutating func decide(isFull: Bool) {
        let knownMin = isFull ? texts / 2 : isDecided ? texts / 32 : texts / 256
        isWorthwhile = known >= knownMin
        isDecided = true
        texts = 0
        known = 0
    }
}
