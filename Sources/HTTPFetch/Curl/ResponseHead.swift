/// Header lines of a response as names and values.
enum ResponseHead {
    /// Reads a head from its status line on; lines that are no headers are passed over.
    static func headers(_ head: [UInt8]) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        // Lines end in LF; CR goes with the white space around values. Split as bytes: CR LF is one Character.
        for bytes in head.split(separator: UInt8(ascii: "\n")) {
            let line = String(decoding: bytes, as: UTF8.self)
            if let first = bytes.first, isSpace(first) {
                // A folded line (obsolete, RFC 9112, section 5.2) goes on with the value before it.
                guard !headers.isEmpty, case let rest = trimmed(line[...]), !rest.isEmpty else { continue }
                headers[headers.count - 1].value += " \(rest)"
            } else if let header = header(line[...]) {
                headers.append(header)
            }
        }
        return headers
    }

    /// Reads one line; nil when it has no colon, as the status line.
    static func header(_ line: Substring) -> (name: String, value: String)? {
        guard !line.hasPrefix("HTTP/"), let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        return (trimmed(line[..<colon]), trimmed(line[line.utf8.index(after: colon)...]))
    }

    private static func trimmed(_ text: Substring) -> String {
        var bytes = text.utf8
        while let first = bytes.first, isSpace(first) { bytes.removeFirst() }
        while let last = bytes.last, isSpace(last) { bytes.removeLast() }
        return String(Substring(bytes))
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0d || byte == 0x0a
    }
}
