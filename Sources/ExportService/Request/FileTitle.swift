/// A title as part of a file name.
package enum FileTitle {
    /// Octets of a title in a file name: most systems take 255, of which the part's number and the ending need some.
    package static let bytesMax = 200

    /// What Windows takes for a device, whatever follows the first dot.
    private static let devices: Set<String> = Set(
        ["con", "prn", "aux", "nul"] + ["com", "lpt"].flatMap { name in "123456789¹²³".map { name + String($0) } })

    /// Characters that some system cannot have in a file name become `_`, as do trailing dots and spaces; what is too long is
    /// cut between characters, and a device of Windows (`CON`) gets a `_`.
    package static func sanitized(_ title: String) -> String {
        var scalars = cut(title).unicodeScalars.map { scalar -> Unicode.Scalar in
            isForbidden(scalar) ? "_" : scalar
        }
        var last = scalars.count - 1
        while last >= 0, scalars[last] == "." || scalars[last] == " " {
            scalars[last] = "_"
            last -= 1
        }
        let name = String(String.UnicodeScalarView(scalars))
        let stem = name.prefix { $0 != "." }
        guard devices.contains(stem.lowercased()) else { return name }
        return "\(stem)_\(name[stem.endIndex...])"
    }

    /// As many characters as there is room for; of a single one that is too long, as many of its scalars.
    private static func cut(_ title: String) -> String {
        guard title.utf8.count > bytesMax else { return title }
        var room = bytesMax
        let characters = title.prefix { character in
            room -= character.utf8.count
            return room >= 0
        }
        guard characters.isEmpty else { return String(characters) }
        room = bytesMax
        let scalars = title.unicodeScalars.prefix { scalar in
            room -= String(scalar).utf8.count
            return room >= 0
        }
        return String(scalars)
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
