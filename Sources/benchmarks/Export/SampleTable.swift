import TestSupport

/// The cells that every export measurement writes: text and numbers by turns, of ten kinds.
///
/// All cells stand in one block of bytes, each with a NUL behind it, so that both the bare loop and our writer take them
/// from there without preparing anything while the clock runs. The content is the same in every run.
final class SampleTable {
    let rows: Int
    /// An even number.
    let columns: Int
    let captions: [String]
    private let bytes: UnsafeMutablePointer<UInt8>
    /// Where each cell begins, and the end.
    private let starts: [Int]
    private let numbers: [Double]

    init(rows: Int, columns: Int) {
        precondition(columns % 2 == 0, "a column of text, one of numbers")
        self.rows = rows
        self.columns = columns
        captions = (0..<columns).map { Self.isText($0) ? "文本 \($0)" : "数字 \($0)" }
        var random = SeededGenerator(seed: 2024)
        var content: [UInt8] = []
        var starts = [0]
        var numbers: [Double] = []
        for row in 0..<rows {
            for column in 0..<columns {
                let cell = Self.cell(row: row, column: column, &random)
                content += Array(cell.utf8) + [0]
                starts.append(content.count)
                if !Self.isText(column) { numbers.append(Double(cell) ?? .nan) }
            }
        }
        bytes = .allocate(capacity: content.count)
        bytes.initialize(from: content, count: content.count)
        self.starts = starts
        self.numbers = numbers
    }

    deinit { bytes.deallocate() }

    static func isText(_ column: Int) -> Bool { column % 2 == 0 }

    /// The cell's UTF-8, without its NUL.
    func cell(row: Int, column: Int) -> UnsafeRawBufferPointer {
        let index = row * columns + column
        return UnsafeRawBufferPointer(start: bytes + starts[index], count: starts[index + 1] - starts[index] - 1)
    }

    /// The value of a number cell, parsed beforehand.
    func number(row: Int, column: Int) -> Double {
        numbers[row * (columns / 2) + column / 2]
    }

    private static func cell(row: Int, column: Int, _ random: inout SeededGenerator) -> String {
        switch column % 10 {
        case 0: "order-\(100_000 + row)"
        case 1: "\(row + 1)"
        case 2: "\(words[random.next(words.count)]) \(words[random.next(words.count)])"
        case 3: "\(random.next(100_000)).\(10 + random.next(90))"
        case 4: "\(cities[random.next(cities.count)])市\(random.next(300))号"
        case 5: "\(random.next(1_000_000))"
        case 6: "user\(random.next(50_000))@example.com"
        case 7: "-\(random.next(1_000)).\(100 + random.next(900))"
        case 8: "2024-\(10 + random.next(3))-\(10 + random.next(18))T08:\(10 + random.next(50)):00Z"
        default: "0.\(100_000 + random.next(900_000))"
        }
    }

    private static let words = ["granite", "lantern", "harbour", "meadow", "signal", "copper", "winter", "orchard"]
    private static let cities = ["北京", "上海", "广州", "深圳", "杭州", "成都", "西安", "武汉"]
}

extension SeededGenerator {
    fileprivate mutating func next(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
