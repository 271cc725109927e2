/// Which headers a stranger may have us send.
package enum FetchHeaderRules {
    /// Says why this header cannot be sent, or nil when it can.
    package static func problem(name: String, value: String) -> String? {
        guard !name.isEmpty, name.utf8.allSatisfy(isTokenCharacter) else {
            return "its name is not a token (letters, digits and !#$%&'*+-.^_`|~)"
        }
        // With a line end in a value one could write further headers, or a second request (RFC 9110, section 5.5).
        guard value.utf8.allSatisfy({ $0 != 0x0d && $0 != 0x0a && $0 != 0 }) else {
            return "its value holds CR, LF or NUL"
        }
        guard name.utf8.count + value.utf8.count <= bytesMax else { return "it is longer than \(bytesMax) bytes" }
        let lower = name.lowercased()
        if reserved.contains(lower) || lower.hasPrefix("proxy-") { return "the transport sets it itself" }
        return nil
    }

    /// Bytes of one name and value together; many servers refuse more.
    package static let bytesMax = 16 << 10

    /// They say where a message ends and whom it is for: from a stranger they are request smuggling.
    private static let reserved: Set<String> = [
        "host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade", "expect",
        "http2-settings",
    ]

    /// Compares names as RFC 9110 wants it: ASCII letters without case.
    static func isSameName(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count
            && zip(left.utf8, right.utf8).allSatisfy { lowercased($0) == lowercased($1) }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (0x41...0x5a).contains(byte) ? byte | 0x20 : byte
    }

    /// RFC 9110, section 5.6.2.
    private static func isTokenCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
