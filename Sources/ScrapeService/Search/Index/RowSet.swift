/// Some rows of a segment: a bit for each.
struct RowSet: Hashable, Sendable {
    /// Rows that a segment can have.
    static let rowsMax = 32_768
    static let octetCount = rowsMax / 8
    private static let wordCount = rowsMax / 64

    private var words = [UInt64](repeating: 0, count: wordCount)

    init() {}

    /// Reads what `append` has written.
    init(_ octets: UnsafeRawBufferPointer, at offset: Int) {
        for index in 0..<Self.wordCount {
            words[index] = UInt64(
                littleEndian: octets.loadUnaligned(fromByteOffset: offset + index * 8, as: UInt64.self))
        }
    }

    func append(to octets: inout [UInt8]) {
        for word in words { withUnsafeBytes(of: word.littleEndian) { octets.append(contentsOf: $0) } }
    }

    var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    @inline(__always)
    mutating func insert(_ row: Int) { words[row >> 6] |= 1 << UInt64(row & 63) }

    mutating func formUnion(_ other: RowSet) { for index in words.indices { words[index] |= other.words[index] } }

    mutating func formIntersection(_ other: RowSet) {
        for index in words.indices { words[index] &= other.words[index] }
    }

    mutating func subtract(_ other: RowSet) { for index in words.indices { words[index] &= ~other.words[index] } }

    /// Calls `body` with each row, in order.
    func forEach(_ body: (Int) -> Void) {
        for (index, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                body(index << 6 + rest.trailingZeroBitCount)
                rest &= rest &- 1
            }
        }
    }
}
