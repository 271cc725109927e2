/// Text that came from elsewhere, for a terminal: it cannot steer it.
enum TerminalText {
    /// Controls, those of the C1 set among them, become spaces.
    static func plain(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? " " : $0 }))
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .control }
}
