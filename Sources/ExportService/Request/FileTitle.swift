/// A title as part of a file name.
package enum FileTitle {
    /// Characters that some system cannot have in a file name become `_`, as do trailing dots and spaces.
    package static func sanitized(_ title: String) -> String {
        var scalars = title.unicodeScalars.map { scalar -> Unicode.Scalar in
            isForbidden(scalar) ? "_" : scalar
        }
        var last = scalars.count - 1
        while last >= 0, scalars[last] == "." || scalars[last] == " " {
            scalars[last] = "_"
            last -= 1
        }
        return String(String.UnicodeScalarView(scalars))
    }

    /// `title.xlsx` for the only part, `title-1.xlsx`, `title-2.xlsx`, … for several.
    package static func fileName(_ title: String, format: ExportFormat, part: Int?) -> String {
        let number = part.map { "-\($0)" } ?? ""
        return "\(sanitized(title))\(number).\(format.fileExtension)"
    }

    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "/", "\\", ":", "*", "?", "\"", "<", ">", "|": true
        default: scalar.properties.generalCategory == .control
        }
    }
}
