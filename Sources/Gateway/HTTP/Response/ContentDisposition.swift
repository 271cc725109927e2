/// The `Content-Disposition` of a download, for any file name a service may give.
///
/// RFC 6266 wants a plain `filename` for old clients and RFC 8187's `filename*` for the rest. Path separators, control
/// octets and quotes never reach the client: the name of a file is the last segment, and what is left is encoded.
enum ContentDisposition {
    static func attachment(_ name: String) -> String {
        let base = name.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
        let clean = String(base.unicodeScalars.filter { !isControl($0) }.map(Character.init).prefix(lengthMax))
        let file = clean.allSatisfy { $0 == "." || $0 == " " } ? "download" : clean
        let plain = String(file.unicodeScalars.map { isPlain($0) ? Character($0) : "_" })
        if file.utf8.allSatisfy(isToken) { return "attachment; filename=\(file)" }
        if plain == file { return "attachment; filename=\"\(file)\"" }
        return "attachment; filename=\"\(plain)\"; filename*=UTF-8''\(encoded(file))"
    }

    /// Characters of a file name that are kept.
    private static let lengthMax = 200

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
        default: false
        }
    }

    /// What may stand inside a quoted string as it is and mean the same to every client.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII && !"\"\\%".unicodeScalars.contains(scalar)
    }

    /// What needs neither quotes (document 000 shows a name without) nor encoding.
    private static func isToken(_ octet: UInt8) -> Bool {
        isAlphanumeric(octet) || "!#$&+-.^_`|~".utf8.contains(octet)
    }

    private static func encoded(_ file: String) -> String {
        var text = ""
        for octet in file.utf8 {
            if isToken(octet) {
                text.unicodeScalars.append(Unicode.Scalar(octet))
            } else {
                text += "%" + (octet < 16 ? "0" : "") + String(octet, radix: 16, uppercase: true)
            }
        }
        return text
    }
}
