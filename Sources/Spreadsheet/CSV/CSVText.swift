/// Copies the inside of a CSV field.
enum CSVText {
    /// Doubles quotes and replaces NUL and what is not UTF-8 by U+FFFD; answers whether something was replaced.
    static func append(_ text: UnsafeRawBufferPointer, to sink: inout some OctetSink) -> Bool {
        guard let base = text.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return false }
        var isRepaired = false
        // Everything from `start` to `position` is copied as it is.
        var start = 0
        var position = 0
        func copy(_ sink: inout some OctetSink) {
            sink.append(UnsafeRawBufferPointer(rebasing: text[start..<position]))
        }
        while position < text.count {
            let byte = base[position]
            if byte == UInt8(ascii: "\"") {
                copy(&sink)
                sink.append(byte)
                start = position
                position += 1
            } else if byte != 0, byte < 0x80 {
                position += 1
            } else if byte != 0, case .character(let length) = UTF8Sequence(at: position, in: base, end: text.count) {
                position += length
            } else {
                copy(&sink)
                sink.append([0xEF, 0xBF, 0xBD])
                isRepaired = true
                position += badLength(at: position, in: base, end: text.count)
                start = position
            }
        }
        copy(&sink)
        return isRepaired
    }

    private static func badLength(at position: Int, in bytes: UnsafePointer<UInt8>, end: Int) -> Int {
        guard bytes[position] != 0, case .malformed(let length) = UTF8Sequence(at: position, in: bytes, end: end) else {
            return 1
        }
        return length
    }
}
