/// Searches that look at eight octets at a time.
///
/// Each takes a word apart with the known "is one of these octets zero / below n" arithmetic. A borrow can mark an
/// octet wrongly, but only above a rightly marked one, so the lowest mark (the first octet in memory) is always true.
enum OctetSearch {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// The first octet at or after `start` that is not plain ASCII text of a string: quote, backslash, control, ≥ 0x80.
    @inline(__always)
    static func endOfPlainText(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var position = start
        while position &+ 8 <= bytes.count {
            let word = load(bytes, position)
            let marks = (word | zeros(word ^ quotes) | zeros(word ^ backslashes) | below(word, spaces)) & highs
            if marks != 0 { return position &+ marks.trailingZeroBitCount >> 3 }
            position &+= 8
        }
        while position < bytes.count {
            let octet = bytes[position]
            if octet < Octet.space || octet == Octet.quote || octet == Octet.backslash || octet >= 0x80 { break }
            position &+= 1
        }
        return position
    }

    /// The first octet at or after `start` that a writer has to escape: quote, backslash or control.
    @inline(__always)
    static func firstToEscape(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var position = start
        while position &+ 8 <= bytes.count {
            let word = load(bytes, position)
            let marks = (zeros(word ^ quotes) | zeros(word ^ backslashes) | below(word, spaces)) & highs
            if marks != 0 { return position &+ marks.trailingZeroBitCount >> 3 }
            position &+= 8
        }
        while position < bytes.count {
            let octet = bytes[position]
            if octet < Octet.space || octet == Octet.quote || octet == Octet.backslash { break }
            position &+= 1
        }
        return position
    }

    /// The first quote or backslash at or after `start`.
    @inline(__always)
    static func quoteOrBackslash(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var position = start
        while position &+ 8 <= bytes.count {
            let word = load(bytes, position)
            let marks = (zeros(word ^ quotes) | zeros(word ^ backslashes)) & highs
            if marks != 0 { return position &+ marks.trailingZeroBitCount >> 3 }
            position &+= 8
        }
        while position < bytes.count, bytes[position] != Octet.quote, bytes[position] != Octet.backslash {
            position &+= 1
        }
        return position
    }

    private static let quotes = ones &* UInt64(Octet.quote)
    private static let backslashes = ones &* UInt64(Octet.backslash)
    private static let spaces = ones &* UInt64(Octet.space)

    @inline(__always)
    private static func load(_ bytes: UnsafeRawBufferPointer, _ position: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    }

    /// Marks octets that are zero.
    @inline(__always)
    private static func zeros(_ word: UInt64) -> UInt64 { (word &- ones) & ~word }

    /// Marks octets smaller than the (repeated) octet of `limits`.
    @inline(__always)
    private static func below(_ word: UInt64, _ limits: UInt64) -> UInt64 { (word &- limits) & ~word }
}
