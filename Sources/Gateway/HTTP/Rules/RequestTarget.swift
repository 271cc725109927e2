/// The two halves of a request target, still percent-encoded.
struct RequestTarget {
    let path: Substring
    let query: Substring
    /// The host named by an absolute target (`GET http://host/path`); it stands above the field (RFC 9112, 3.2.2).
    let host: Substring?

    /// Reads `/path?query`, an absolute `http://host/path?query`, or `*` (for OPTIONS); nil for anything else.
    init?(_ text: String) {
        var rest = text[...]
        var host: Substring?
        if text.utf8.first != UInt8(ascii: "/") && text != "*" {
            guard let start = Self.endOfScheme(text) else { return nil }
            let end = text.utf8[start...].firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }
            host = text[start..<(end ?? text.endIndex)]
            rest = end.map { text[$0...] } ?? "/"
        }
        guard rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "#") }) else { return nil }
        let mark = rest.utf8.firstIndex(of: UInt8(ascii: "?"))
        path = mark == rest.startIndex ? "/" : rest[..<(mark ?? rest.endIndex)]
        query = mark.map { rest[rest.utf8.index(after: $0)...] } ?? ""
        self.host = host
    }

    private static func endOfScheme(_ text: String) -> String.Index? {
        let scheme = text.utf8.prefix(7)
        guard scheme.count == 7, String(Substring(scheme)).isField("http://") else { return nil }
        return scheme.endIndex
    }
}
