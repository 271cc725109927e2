import Glibc

/// What a cell begins with, `<c r="AB`, for each column of a sheet.
struct CellReferences {
    /// Longest: `<c r="XFD`.
    static let bytesMax = 16

    private var openings: [(bytes: SIMD16<UInt8>, count: Int)] = []

    init(columns: Int) {
        openings.reserveCapacity(columns)
        for column in 0..<columns {
            let text = Array("<c r=\"".utf8) + Self.letters(of: column)
            var bytes = SIMD16<UInt8>()
            for (index, byte) in text.enumerated() { bytes[index] = byte }
            openings.append((bytes, text.count))
        }
    }

    /// Writes the opening of a cell, and some octets behind it; answers its length.
    @inline(__always)
    func write(column: Int, to output: UnsafeMutablePointer<UInt8>) -> Int {
        let opening = openings[column]
        UnsafeMutableRawPointer(output).storeBytes(of: opening.bytes, as: SIMD16<UInt8>.self)
        return opening.count
    }

    /// A, …, Z, AA, …: digits from 1 to 26, without a zero.
    private static func letters(of column: Int) -> [UInt8] {
        var letters: [UInt8] = []
        var rest = column
        repeat {
            letters.append(UInt8(ascii: "A") + UInt8(rest % 26))
            rest = rest / 26 - 1
        } while rest >= 0
        return letters.reversed()
    }
}

/// What follows a cell's reference, `" s="7`, for each column of a sheet.
struct CellStyles {
    private var attributes: [(bytes: SIMD16<UInt8>, count: Int)] = []

    /// - Parameter styles: 0 is the default, which is not written.
    init(_ styles: [Int]) {
        attributes = styles.map { style in
            let text = style == 0 ? [] : Array("\" s=\"\(style)".utf8)
            var bytes = SIMD16<UInt8>()
            for (index, byte) in text.enumerated() { bytes[index] = byte }
            return (bytes, text.count)
        }
    }

    /// Writes the attribute without its last quote, and some octets behind it; answers its length.
    @inline(__always)
    func write(column: Int, to output: UnsafeMutablePointer<UInt8>) -> Int {
        let attribute = attributes[column]
        UnsafeMutableRawPointer(output).storeBytes(of: attribute.bytes, as: SIMD16<UInt8>.self)
        return attribute.count
    }
}

/// A number of up to eight digits in decimal, ready to be copied.
struct RowNumber {
    static let max = 99_999_999

    private var digits: UInt64 = 0
    private(set) var count = 0

    init(_ number: Int) {
        var rest = number
        repeat {
            digits = digits << 8 | UInt64(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
            count += 1
        } while rest > 0
    }

    /// Writes the digits, and some octets behind them.
    @inline(__always)
    func write(to output: UnsafeMutablePointer<UInt8>) {
        UnsafeMutableRawPointer(output).storeBytes(of: digits.littleEndian, as: UInt64.self)
    }
}
