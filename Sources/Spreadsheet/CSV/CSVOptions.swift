/// How a `CSVSheetWriter` writes.
package struct CSVOptions: Sendable {
    /// Begins the file with U+FEFF, without which Excel takes UTF-8 for the machine's own code page.
    package var byteOrderMark = true
    /// Puts an apostrophe before text that a spreadsheet program would run as a formula: text that begins with `=`, `+`,
    /// `-`, `@`, TAB or CR (OWASP, "CSV injection"). Numbers are not text and are left alone.
    package var formulaGuard = true

    /// What stands between fields: a comma, or TAB.
    package var separator = UInt8(ascii: ",")

    package init() {}

    /// Whether a spreadsheet takes text that begins so for a formula.
    package static func startsFormula(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "@"), 0x09, 0x0D: true
        default: false
        }
    }
}
