import Glibc

/// Turns the cells of rows into what their columns hold, and adds them up.
///
/// What cannot become that stays as it is: a text in a column of numbers stays the text.
final class RowShaper {
    /// Room for a number that is made here.
    private static let numberBytesMax = 32

    private let shape: SheetShape
    private let times: [ExcelTime?]
    private let numbers: UnsafeMutableRawBufferPointer
    private var cells: [Cell]
    private var totals: [ColumnSum]

    init(_ shape: SheetShape) {
        self.shape = shape
        times = shape.columns.map { column in
            switch column.kind {
            case .date(let zone): ExcelTime(zone: zone, isDate: true)
            case .dateTime(let zone): ExcelTime(zone: zone, isDate: false)
            default: nil
            }
        }
        numbers = .allocate(byteCount: Self.numberBytesMax * max(1, shape.columns.count), alignment: 8)
        cells = Array(repeating: .empty, count: shape.columns.count)
        totals = Array(repeating: ColumnSum(), count: shape.columns.count)
    }

    deinit { numbers.deallocate() }

    /// Calls `body` with the row as it is written; the cells are valid during the call.
    func shape(
        _ row: UnsafeBufferPointer<Cell>, _ body: (UnsafeBufferPointer<Cell>) throws(SpreadsheetError) -> Void
    ) throws(SpreadsheetError) {
        for column in 0..<row.count {
            cells[column] = shaped(row[column], column)
            if shape.columns[column].total != nil { totals[column].add(cells[column]) }
        }
        let count = row.count
        let result = cells.withUnsafeBufferPointer { cells in
            let row = UnsafeBufferPointer(rebasing: cells[..<count])
            return Result { () throws(SpreadsheetError) in try body(row) }
        }
        try result.get()
    }

    /// What stands below the rows so far; the next row begins anew.
    func takeTotals() -> [TotalCell] {
        defer { totals = Array(repeating: ColumnSum(), count: totals.count) }
        return shape.columns.enumerated().compactMap { column, shape in
            shape.total.map { TotalCell(column: column, total: $0, value: totals[column].value(of: $0)) }
        }
    }

    private func shaped(_ cell: Cell, _ column: Int) -> Cell {
        switch (shape.columns[column].kind, cell) {
        case (.general, _), (_, .empty): cell
        case (.text, .number(let spelling)): .text(spelling)
        case (.text, _): cell
        case (.date, .text(let text)), (.dateTime, .text(let text)):
            number(column) { times[column]?.write(text, into: $0) ?? 0 } ?? cell
        case (.date, .number(let text)), (.dateTime, .number(let text)):
            number(column) { times[column]?.write(unix: text, into: $0) ?? 0 } ?? cell
        case (.date, _), (.dateTime, _): cell
        case (_, .text(let text)): XLSXNumber.isKept(text) ? .number(text) : cell
        default: cell
        }
    }

    private func number(_ column: Int, _ write: (UnsafeMutableRawBufferPointer) -> Int) -> Cell? {
        let room = UnsafeMutableRawBufferPointer(
            rebasing: numbers[column * Self.numberBytesMax..<(column + 1) * Self.numberBytesMax])
        let count = write(room)
        return count == 0 ? nil : .number(UnsafeRawBufferPointer(rebasing: room[..<count]))
    }
}

/// What stands below a column.
struct ColumnSum {
    private var sum = 0.0
    /// What the sum has lost so far (Neumaier).
    private var lost = 0.0
    private var numbers = 0
    private var cells = 0
    private var least = Double.infinity
    private var most = -Double.infinity

    mutating func add(_ cell: Cell) {
        switch cell {
        case .empty: return
        case .text(let text) where text.isEmpty: return
        case .number(let spelling):
            if let value = XLSXNumber.keptValue(of: spelling) { add(value) }
        default: break
        }
        cells += 1
    }

    private mutating func add(_ value: Double) {
        let next = sum + value
        lost += sum.magnitude >= value.magnitude ? sum - next + value : value - next + sum
        sum = next
        numbers += 1
        least = min(least, value)
        most = max(most, value)
    }

    /// Nil for what no double holds.
    func value(of total: ColumnShape.Total) -> Double? {
        let value =
            switch total {
            case .sum: sum + lost
            case .average: numbers == 0 ? 0 : (sum + lost) / Double(numbers)
            case .count: Double(cells)
            case .min: numbers == 0 ? 0 : least
            case .max: numbers == 0 ? 0 : most
            }
        return value.isFinite ? value : nil
    }
}
