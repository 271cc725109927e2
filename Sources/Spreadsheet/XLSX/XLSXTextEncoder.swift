/// Turns any bytes into the NUL-terminated text of a cell.
///
/// What XML or Excel cannot hold is written in the `_xHHHH_` form of ECMA-376 (22.9.2.19, ST_Xstring), which Excel reads
/// back as the character: C0 controls including NUL and CR (an XML parser would turn CR into LF), U+FFFE, U+FFFF, and the
/// underscore of a literal `_xHHHH_`. Bytes that are not UTF-8 become U+FFFD. A text over Excel's limit is cut.
///
/// libxlsxwriter 1.1.4 escapes most controls itself, but none of the others: unescaped they make a file that Excel
/// refuses. One encoder serves a whole sheet; its buffer is reused and only grows.
struct XLSXTextEncoder: ~Copyable {
    struct Encoded {
        /// Valid until the next call.
        var text: UnsafePointer<CChar>
        var count: Int
        var isCut: Bool
        var isRepaired: Bool
    }

    /// Longest escape over the one byte that it stands for.
    private static let growthMax = 7
    /// A UTF-16 unit takes at most three bytes of UTF-8, malformed ones included, so what lies behind is never needed.
    private static let inputBytesMax = (XLSXLimits.cellUnits + 1) * 3

    private var output: UnsafeMutablePointer<UInt8>
    private var capacity: Int

    init() {
        capacity = 4_096
        output = .allocate(capacity: capacity)
    }

    deinit { output.deallocate() }

    mutating func encode(_ bytes: UnsafeRawBufferPointer) -> Encoded {
        let count = min(bytes.count, Self.inputBytesMax)
        reserve(count * Self.growthMax + 1)
        var isRepaired = false
        var written = 0
        if let base = bytes.baseAddress {
            written = copy(base.assumingMemoryBound(to: UInt8.self), count, isRepaired: &isRepaired)
        }
        let isCut = written > XLSXLimits.cellUnits && cut(&written)
        output[written] = 0
        let text = UnsafeRawPointer(output).assumingMemoryBound(to: CChar.self)
        return Encoded(text: text, count: written, isCut: isCut, isRepaired: isRepaired)
    }

    private mutating func reserve(_ needed: Int) {
        guard needed > capacity else { return }
        output.deallocate()
        capacity = needed.roundedUpToPowerOfTwo
        output = .allocate(capacity: capacity)
    }

    /// Copies eight plain bytes at a time and everything else one by one; answers how many bytes were written.
    private func copy(_ input: UnsafePointer<UInt8>, _ count: Int, isRepaired: inout Bool) -> Int {
        var read = 0
        var written = 0
        while read < count {
            while read + 8 <= count {
                let word = UnsafeRawPointer(input + read).loadUnaligned(as: UInt64.self)
                guard Self.isPlain(word) else { break }
                UnsafeMutableRawPointer(output + written).storeBytes(of: word, as: UInt64.self)
                read += 8
                written += 8
            }
            let stop = min(read + 8, count)
            while read < stop {
                let byte = input[read]
                if byte >= 0x20, byte < 0x80, byte != UInt8(ascii: "_") {
                    output[written] = byte
                    read += 1
                    written += 1
                } else {
                    read = copySpecial(input, read, count, &written, &isRepaired)
                }
            }
        }
        return written
    }

    /// True if none of eight bytes is a control, an underscore or beyond ASCII.
    @inline(__always)
    private static func isPlain(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        let controls = (word &- ones &* 0x20) & ~word
        let marks = word ^ (ones &* UInt64(UInt8(ascii: "_")))
        let underscores = (marks &- ones) & ~marks
        return (word | controls | underscores) & highs == 0
    }

    /// Writes the character at `read`, which is an underscore, a control or beyond ASCII; answers where the next begins.
    private func copySpecial(
        _ input: UnsafePointer<UInt8>, _ read: Int, _ count: Int, _ written: inout Int, _ isRepaired: inout Bool
    ) -> Int {
        let byte = input[read]
        if byte == UInt8(ascii: "_") {
            if XLSXEscape.isAt(read, in: input, end: count) {
                escape(0x5F, &written)
            } else {
                append(byte, &written)
            }
            return read + 1
        }
        if byte < 0x20 {
            if byte == 0x09 || byte == 0x0A { append(byte, &written) } else { escape(UInt16(byte), &written) }
            return read + 1
        }
        switch UTF8Sequence(at: read, in: input, end: count) {
        case .character(let length):
            if length == 3, byte == 0xEF, input[read + 1] == 0xBF, input[read + 2] >= 0xBE {
                escape(0xFF00 | UInt16(input[read + 2] | 0x40), &written)
            } else {
                for offset in 0..<length { append(input[read + offset], &written) }
            }
            return read + length
        case .malformed(let length):
            isRepaired = true
            append(0xEF, &written)
            append(0xBF, &written)
            append(0xBD, &written)
            return read + length
        }
    }

    @inline(__always)
    private func append(_ byte: UInt8, _ written: inout Int) {
        output[written] = byte
        written += 1
    }

    private func escape(_ unit: UInt16, _ written: inout Int) {
        XLSXEscape.write(unit, to: output + written)
        written += XLSXEscape.length
    }

    /// Shortens the output to Excel's limit without splitting a character or an escape; false if it was short enough.
    private func cut(_ written: inout Int) -> Bool {
        var units = 0
        var position = 0
        while position < written {
            let lead = output[position]
            let (bytes, width) =
                if XLSXEscape.isAt(position, in: output, end: written) {
                    (XLSXEscape.length, XLSXEscape.length)
                } else if lead < 0x80 { (1, 1) } else if lead < 0xE0 { (2, 1) } else if lead < 0xF0 { (3, 1) } else {
                    (4, 2)
                }
            guard units + width <= XLSXLimits.cellUnits else {
                written = position
                return true
            }
            units += width
            position += bytes
        }
        return false
    }
}

extension Int {
    fileprivate var roundedUpToPowerOfTwo: Int {
        self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount)
    }
}
