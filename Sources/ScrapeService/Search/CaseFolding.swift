/// Makes texts comparable in any case: what a search looks for and what it looks at go through it.
///
/// A character becomes its lower case where that is one character, and of ASCII only where it was of ASCII (the Kelvin
/// sign stays one): so texts without cased letters beyond ASCII can be compared octet by octet. Nothing else changes,
/// and one character never becomes two.
enum CaseFolding {
    @inline(__always)
    static func folded(_ octet: UInt8) -> UInt8 {
        octet >= UInt8(ascii: "A") && octet <= UInt8(ascii: "Z") ? octet | 0x20 : octet
    }

    static func folded(_ text: some StringProtocol) -> [UInt8] {
        var output: [UInt8] = []
        Array(text.utf8).withUnsafeBytes { append($0, to: &output) }
        return output
    }

    /// Appends the folded form of UTF-8.
    static func append(_ text: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        output.reserveCapacity(output.count + text.count)
        var position = 0
        while position < text.count {
            let octet = text[position]
            if octet < 0x80 {
                output.append(folded(octet))
                position += 1
                continue
            }
            let end = min(position + length(octet), text.count)
            let character = UnsafeRawBufferPointer(rebasing: text[position..<end])
            if hasNoCase(octet) {
                output.append(contentsOf: character)
            } else {
                appendLowerCase(character, to: &output)
            }
            position = end
        }
    }

    /// Octets of the character that begins with this one.
    @inline(__always)
    static func length(_ octet: UInt8) -> Int { octet < 0xC0 ? 1 : octet < 0xE0 ? 2 : octet < 0xF0 ? 3 : 4 }

    /// U+3000…U+9FFF and U+B000…U+DFFF by their first octet: Chinese, Japanese, Korean.
    @inline(__always)
    private static func hasNoCase(_ octet: UInt8) -> Bool { octet >= 0xE3 && octet <= 0xED && octet != 0xEA }

    private static func appendLowerCase(_ character: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        guard let scalar = String(decoding: character, as: UTF8.self).unicodeScalars.first,
            scalar.properties.changesWhenLowercased
        else { return output.append(contentsOf: character) }
        let lower = scalar.properties.lowercaseMapping.unicodeScalars
        guard let first = lower.first, lower.count == 1, !first.isASCII else {
            return output.append(contentsOf: character)
        }
        output.append(contentsOf: UTF8.encode(first)!)
    }
}
