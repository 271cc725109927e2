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
    private var sharing: ColumnsSharing
    private let onlyRepeated: Bool
    private var row = RowNumber(0)

    /// - Parameters:
    ///   - onlyRepeated: leaves the texts of a column in their cells once next to all of them turn out to be unique.
    ///   - styles: of the columns; none if all are the default.
    init(columns: Int, strings: consuming SharedStrings, onlyRepeated: Bool, styles: [Int], capacity: Int) {
        self.styles = styles.allSatisfy { $0 == 0 } ? nil : CellStyles(styles)
        sharing = ColumnsSharing(columns: columns)
        self.onlyRepeated = onlyRepeated
        references = CellReferences(columns: columns)
        self.strings = strings
        output = ByteBuffer(capacity: capacity)
    }

    /// Writes the cells of a row from a column on, with what stands around them, until the output is so long; at least one.
    ///
    /// - Returns: The next column, and whether the output is so long.
    mutating func write(
        _ cells: UnsafeBufferPointer<Cell>, ofRow index: Int, from first: Int, limit: Int
    ) -> (next: Int, isFull: Bool) {
        if first == 0 { beginRow(index) }
        var column = first
        while column < cells.count, column == first || output.count < limit {
            write(cells[column], column: column)
            column &+= 1
        }
        if column == cells.count { endRow() }
        return (column, output.count >= limit)
    }

    @inline(__always)
    private mutating func beginRow(_ index: Int) {
        output.reserve(Self.rowBytesMax)
        row = RowNumber(index + 1)
        output.put("<row r=\"")
        output.put(row)
        output.put("\">")
    }

    @inline(__always)
    private mutating func endRow() {
        output.reserve(Self.rowBytesMax)
        output.put("</row>")
    }

    @inline(__always)
    private mutating func write(_ cell: Cell, column: Int) {
        switch cell {
        case .empty: break
        case .boolean(let value):
            output.reserve(Self.cellBytesMax)
            beginCell(column)
            output.put(value ? "\" t=\"b\"><v>1</v></c>" : "\" t=\"b\"><v>0</v></c>")
        case .number(let spelling): write(number: spelling, column)
        case .text(let text), .json(let text): write(text: text, column)
        }
    }

    /// `<c r="AB12`
    @inline(__always)
    private mutating func beginCell(_ column: Int) {
        output.count += references.write(column: column, to: output.end)
        output.put(row)
        if let styles { output.count += styles.write(column: column, to: output.end) }
    }

    // MARK: Numbers

    @inline(__always)
    private mutating func write(number: UnsafeRawBufferPointer, _ column: Int) {
        output.reserve(Self.cellBytesMax + number.count)
        let start = output.count
        beginCell(column)
        output.put("\"><v>")
        if XLSXNumber.copyPlain(number, to: output.end) || copyKept(number) {
            output.count += number.count
            output.put("</v></c>")
        } else {
            output.count = start
            write(text: number, column)
        }
    }

    private func copyKept(_ number: UnsafeRawBufferPointer) -> Bool {
        guard XLSXNumber.isKept(number), let base = number.baseAddress else { return false }
        memcpy(output.end, base, number.count)
        return true
    }

    // MARK: Texts

    @inline(__always)
    private mutating func write(text: UnsafeRawBufferPointer, _ column: Int) {
        guard text.count > 0 else { return }
        switch sharing.plan(column) {
        case .look:
            // Most texts stand in the file as they came: those that are known need not be looked at for escapes.
            switch strings.place(of: text, isVerbatim: true) {
            case .found(let index):
                note(isKnown: true, column)
                write(reference: index, column)
            case .free(let hole): write(new: text, column, hole)
            }
        case .append, .leave: write(new: text, column, nil)
        }
    }

    @inline(__always)
    private mutating func write(reference index: Int, _ column: Int) {
        output.reserve(Self.cellBytesMax)
        beginCell(column)
        endReference(index)
    }

    @inline(__always)
    private mutating func endReference(_ index: Int) {
        output.put("\" t=\"s\"><v>")
        output.put(RowNumber(index))
        output.put("</v></c>")
    }

    /// Writes a text that was not found as it came.
    ///
    /// - Parameter hole: where it would be; nil if nobody has looked.
    private mutating func write(new text: UnsafeRawBufferPointer, _ column: Int, _ hole: SharedStrings.Hole?) {
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
        if let index = sharedIndex(of: item, text, preservesSpace: preservesSpace, column, hole) {
            endReference(index)
        } else {
            output.put(opening)
            output.count += encoded.count
            output.put("</t></is></c>")
        }
    }

    private mutating func sharedIndex(
        of item: UnsafeRawBufferPointer, _ text: UnsafeRawBufferPointer, preservesSpace: Bool, _ column: Int,
        _ hole: SharedStrings.Hole?
    ) -> Int? {
        guard let hole else {
            guard sharing.plan(column) == .append else { return nil }
            sharing.noteAppended(column)
            return strings.append(item, preservesSpace: preservesSpace)
        }
        if item.count == text.count, memcmp(item.baseAddress!, text.baseAddress!, text.count) == 0 {
            note(isKnown: false, column)
            return strings.take(item, into: hole, preservesSpace: preservesSpace, isVerbatim: true)
        }
        switch strings.place(of: item, isVerbatim: false) {
        case .found(let index):
            note(isKnown: true, column)
            return index
        case .free(let hole):
            note(isKnown: false, column)
            return strings.take(item, into: hole, preservesSpace: preservesSpace, isVerbatim: false)
        }
    }

    @inline(__always)
    private mutating func note(isKnown: Bool, _ column: Int) {
        if sharing.note(isKnown: isKnown, column) {
            sharing.decide(column, isFull: strings.isFull, onlyRepeated: onlyRepeated)
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\n")
    }
}

extension ByteBuffer {
    /// Appends a text for which there is room.
    @inline(__always)
    mutating func put(_ text: StaticString) {
        memcpy(end, text.utf8Start, text.utf8CodeUnitCount)
        count += text.utf8CodeUnitCount
    }

    /// Appends a number for which there is room, and for eight octets.
    @inline(__always)
    mutating func put(_ number: RowNumber) {
        number.write(to: end)
        count += number.count
    }
}
