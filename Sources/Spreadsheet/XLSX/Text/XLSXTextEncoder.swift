/// Turns any bytes into the text of a cell.
///
/// What XML or Excel cannot hold is written in the `_xHHHH_` form of ECMA-376 (22.9.2.19, ST_Xstring), which Excel reads
/// back as the character: C0 controls including NUL and CR (an XML parser would turn CR into LF), U+FFFE, U+FFFF, and the
/// underscore of a literal `_xHHHH_`. Bytes that are not UTF-8 become U+FFFD. A text over Excel's limit is cut.
///
/// libxlsxwriter 1.1.4 escapes most controls itself, but none of the others: unescaped they make a file that Excel
/// refuses.
enum XLSXTextEncoder {
    enum Form {
        /// For libxlsxwriter, which escapes what XML takes for markup.
        case plain
        /// As it stands between tags: `&`, `<` and `>` are entities.
        case xml
    }

    struct Encoded {
        var count: Int
        var isCut: Bool
        var isRepaired: Bool
    }

    /// Longest escape over the one byte that it stands for.
    private static let growthMax = 7
    /// A UTF-16 unit takes at most three bytes of UTF-8, malformed ones included, so what lies behind is never needed.
    private static let inputBytesMax = (XLSXLimits.cellUnits + 1) * 3

    /// Room that `encode` may need for so many bytes.
    @inline(__always)
    static func bytesMax(for count: Int) -> Int { min(count, inputBytesMax) * growthMax }

    /// - Parameter output: has room for `bytesMax(for: bytes.count)`.
    @inline(__always)
    static func encode(
        _ bytes: UnsafeRawBufferPointer, as form: Form, into output: UnsafeMutablePointer<UInt8>
    ) -> Encoded {
        guard let base = bytes.baseAddress else { return Encoded(count: 0, isCut: false, isRepaired: false) }
        let input = base.assumingMemoryBound(to: UInt8.self)
        var run = Run(input: input, end: min(bytes.count, inputBytesMax), output: output, form: form)
        run.copy()
        let isCut = run.written > XLSXLimits.cellUnits && cut(&run.written, output, form)
        return Encoded(count: run.written, isCut: isCut, isRepaired: run.isRepaired)
    }

    /// Shortens the output to Excel's limit without splitting a character or an escape; false if it was short enough.
    private static func cut(_ written: inout Int, _ output: UnsafeMutablePointer<UInt8>, _ form: Form) -> Bool {
        var units = 0
        var position = 0
        while position < written {
            let (bytes, width) = step(position, written, output, form)
            guard units + width <= XLSXLimits.cellUnits else {
                written = position
                return true
            }
            units += width
            position += bytes
        }
        return false
    }

    /// Bytes of what stands at a position of the output, and the UTF-16 units it counts for.
    private static func step(
        _ position: Int, _ end: Int, _ output: UnsafeMutablePointer<UInt8>, _ form: Form
    ) -> (bytes: Int, width: Int) {
        if XLSXEscape.isAt(position, in: output, end: end) { return (XLSXEscape.length, XLSXEscape.length) }
        let lead = output[position]
        if form == .xml, lead == UInt8(ascii: "&") {
            // The second letter tells `&amp;` from `&lt;` and `&gt;`.
            return (output[position + 1] == UInt8(ascii: "a") ? 5 : 4, 1)
        }
        if lead < 0x80 { return (1, 1) }
        return lead < 0xE0 ? (2, 1) : lead < 0xF0 ? (3, 1) : (4, 2)
    }
}

/// One pass over the bytes of a cell.
private struct Run {
    let input: UnsafePointer<UInt8>
    let end: Int
    let output: UnsafeMutablePointer<UInt8>
    let form: XLSXTextEncoder.Form
    var read = 0
    var written = 0
    var isRepaired = false

    /// Copies eight plain bytes at a time and everything else one by one.
    @inline(__always)
    mutating func copy() {
        while read < end {
            while read + 8 <= end {
                let word = UnsafeRawPointer(input + read).loadUnaligned(as: UInt64.self)
                guard isPlain(word) else { break }
                UnsafeMutableRawPointer(output + written).storeBytes(of: word, as: UInt64.self)
                read += 8
                written += 8
            }
            let stop = min(read + 8, end)
            while read < stop {
                let byte = input[read]
                if isPlain(byte) { append(byte) } else { copySpecial(byte) }
            }
        }
    }

    /// True if none of eight bytes is a control, an underscore, markup or beyond ASCII.
    @inline(__always)
    private func isPlain(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        let controls = (word &- ones &* 0x20) & ~word
        var special = word | controls | zeros(word ^ (ones &* UInt64(UInt8(ascii: "_"))))
        if form == .xml {
            special |= zeros(word ^ (ones &* UInt64(UInt8(ascii: "&"))))
            // `<` is 0x3C, `>` is 0x3E: without their second bit they are one.
            special |= zeros((word & ~(ones &* 2)) ^ (ones &* UInt64(UInt8(ascii: "<"))))
        }
        return special & highs == 0
    }

    /// The high bit of each byte that is zero, and of some above the first of them.
    @inline(__always)
    private func zeros(_ word: UInt64) -> UInt64 { (word &- 0x0101_0101_0101_0101) & ~word }

    @inline(__always)
    private func isPlain(_ byte: UInt8) -> Bool {
        guard byte >= 0x20, byte < 0x80, byte != UInt8(ascii: "_") else { return false }
        return form == .plain || byte != UInt8(ascii: "&") && byte & ~2 != UInt8(ascii: "<")
    }

    @inline(__always)
    private mutating func append(_ byte: UInt8) {
        output[written] = byte
        written += 1
        read += 1
    }

    /// Writes the character at `read`, which is not plain.
    private mutating func copySpecial(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "_"):
            guard XLSXEscape.isAt(read, in: input, end: end) else { return append(byte) }
            escape(0x5F, over: 1)
        case 0x09, 0x0A: append(byte)
        case ..<0x20: escape(UInt16(byte), over: 1)
        case UInt8(ascii: "&"): replace(1, by: "&amp;")
        case UInt8(ascii: "<"): replace(1, by: "&lt;")
        case UInt8(ascii: ">"): replace(1, by: "&gt;")
        default: copyMultibyte(byte)
        }
    }

    private mutating func copyMultibyte(_ lead: UInt8) {
        switch UTF8Sequence(at: read, in: input, end: end) {
        case .character(let length):
            if length == 3, lead == 0xEF, input[read + 1] == 0xBF, input[read + 2] >= 0xBE {
                escape(0xFF00 | UInt16(input[read + 2] | 0x40), over: length)
            } else {
                for _ in 0..<length { append(input[read]) }
            }
        case .malformed(let length):
            isRepaired = true
            replace(length, by: "\u{FFFD}")
        }
    }

    private mutating func escape(_ unit: UInt16, over bytes: Int) {
        XLSXEscape.write(unit, to: output + written)
        written += XLSXEscape.length
        read += bytes
    }

    private mutating func replace(_ bytes: Int, by text: StaticString) {
        (output + written).update(from: text.utf8Start, count: text.utf8CodeUnitCount)
        written += text.utf8CodeUnitCount
        read += bytes
    }
}
