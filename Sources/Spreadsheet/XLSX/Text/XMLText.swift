/// Text of XML that is not a cell's: the document's properties have no escape for what XML cannot hold.
enum XMLText {
    /// Replaces characters that XML 1.0 has no place for by U+FFFD.
    static func clean(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { isAllowed($0) ? $0 : "\u{FFFD}" }))
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\t", "\n", "\r", "\u{20}"..."\u{FFFD}", "\u{10000}"...: true
        default: false
        }
    }
}
