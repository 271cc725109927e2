/// Makes a name that Excel accepts for a sheet out of any title.
///
/// libxlsxwriter answers a bad name with NULL, and the next call with that crashes, so the rules are kept here: at most 31
/// UTF-16 units, none of `[ ] : * ? / \`, no apostrophe at either end, not empty, not `History` (reserved by Excel).
enum SheetName {
    static let fallback = "Sheet1"

    static func valid(for title: String) -> String {
        var name = ""
        var units = 0
        for character in title {
            let clean = String(String.UnicodeScalarView(character.unicodeScalars.map(Self.allowed)))
            guard units + clean.utf16.count <= XLSXLimits.sheetNameUnits else { break }
            units += clean.utf16.count
            name += clean
        }
        name = trimmed(withoutEscapes(name))
        if name.isEmpty { return fallback }
        return name.lowercased() == "history" ? name + "_" : name
    }

    /// The name of one of several sheets: `People`, `People 2`, `People 3`, …; without a name `Sheet1`, `Sheet2`, ….
    ///
    /// The name has room for the longest number, so that no two sheets have the same one.
    static func valid(for name: String?, number: Int) -> String {
        guard let name else { return "Sheet\(number)" }
        let first = trimmed(valid(for: name), unitsMax: XLSXLimits.sheetNameUnits - " \(XLSXLimits.sheets)".utf16.count)
        return number == 1 ? first : "\(first) \(number)"
    }

    /// As references write it: `'it''s'`. Only names that look like no number, cell or word of Excel's may do without.
    static func quoted(_ name: String) -> String { "'\(name.replacing("'", with: "''"))'" }

    private static func trimmed(_ name: String, unitsMax: Int) -> String {
        var name = name
        while name.utf16.count > unitsMax { name.removeLast() }
        return trimmed(name)
    }

    private static func allowed(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar {
        case "[", "]", ":", "*", "?", "/", "\\": "_"
        case "\u{0}"..."\u{1F}", "\u{7F}", "\u{FFFE}", "\u{FFFF}": "_"
        default: scalar
        }
    }

    private static func trimmed(_ name: String) -> String {
        var rest = name[...]
        while let first = rest.first, first == "'" || first.isWhitespace { rest = rest.dropFirst() }
        while let last = rest.last, last == "'" || last.isWhitespace { rest = rest.dropLast() }
        return String(rest)
    }

    /// A literal `_xHHHH_` would be read back as a character: its underscore becomes a hyphen.
    private static func withoutEscapes(_ name: String) -> String {
        var bytes = Array(name.utf8)
        for position in bytes.indices {
            let isEscape = bytes.withUnsafeBufferPointer {
                XLSXEscape.isAt(position, in: $0.baseAddress!, end: $0.count)
            }
            if isEscape { bytes[position] = UInt8(ascii: "-") }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
