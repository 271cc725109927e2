/// Cuts folded texts into the terms that an index holds.
///
/// Letters, digits and all characters beyond ASCII that belong to no dense script make words; a dense script is one that
/// writes words without spaces between them (Chinese, Japanese, Thai, …), of whose runs every two characters side by
/// side are a term. What separates is in no term.
enum SearchTerms {
    private enum Class { case separator, word, dense }

    /// What a run consists of.
    struct Run {
        let range: Range<Int>
        let isDense: Bool
    }

    /// Calls `body` with every run, in order.
    @inline(__always)
    static func forEachRun(of text: UnsafeRawBufferPointer, _ body: (Run) -> Void) {
        var position = 0
        while position < text.count {
            let kind = kind(of: text, at: position)
            let start = position
            repeat {
                position = min(position + CaseFolding.length(text[position]), text.count)
            } while position < text.count && Self.kind(of: text, at: position) == kind
            if kind != .separator { body(Run(range: start..<position, isDense: kind == .dense)) }
        }
    }

    /// Calls `body` with every term, as often as it occurs.
    @inline(__always)
    static func forEachTerm(of text: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        forEachRun(of: text) { run in
            let octets = UnsafeRawBufferPointer(rebasing: text[run.range])
            if run.isDense { forEachPair(of: octets, body) } else { body(octets) }
        }
    }

    /// Every two characters side by side; a single one by itself.
    static func forEachPair(of run: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        var start = 0
        var middle = CaseFolding.length(run[0])
        if middle >= run.count { return body(run) }
        while middle < run.count {
            let end = min(middle + CaseFolding.length(run[middle]), run.count)
            body(UnsafeRawBufferPointer(rebasing: run[start..<end]))
            (start, middle) = (middle, end)
        }
    }

    @inline(__always)
    private static func kind(of text: UnsafeRawBufferPointer, at position: Int) -> Class {
        let octet = text[position]
        if octet < 0x80 {
            let isWord =
                octet >= UInt8(ascii: "a") && octet <= UInt8(ascii: "z")
                || octet >= UInt8(ascii: "0") && octet <= UInt8(ascii: "9") || octet == UInt8(ascii: "_")
                || octet >= UInt8(ascii: "A") && octet <= UInt8(ascii: "Z")
            return isWord ? .word : .separator
        }
        return isDense(octet, position + 1 < text.count ? text[position + 1] : 0) ? .dense : .word
    }

    /// By a character's first two octets.
    private static func isDense(_ first: UInt8, _ second: UInt8) -> Bool {
        switch first {
        case 0xE3...0xE9: true  // U+3000…U+9FFF: Chinese, Japanese
        case 0xE0: second >= 0xB8 && second <= 0xBB  // U+0E00…U+0EFF: Thai, Lao
        case 0xE1: second >= 0x80 && second <= 0x81 || second >= 0x9E && second <= 0x9F  // Burmese; Khmer
        case 0xE2: second >= 0xBA  // U+2E80…U+2FFF: radicals
        case 0xEA: second <= 0x93  // U+A000…U+A4FF: Yi
        case 0xEF: second >= 0xA4 && second <= 0xAB || second >= 0xBC  // compatibility and full-width forms
        case 0xF0: second >= 0xA0  // U+20000…U+3FFFF
        default: false
        }
    }
}
