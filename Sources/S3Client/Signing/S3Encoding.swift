/// Percent-encoding as Signature Version 4 wants it: everything but the unreserved characters of RFC 3986 §2.3.
package enum S3Encoding {
    /// A path, whose slashes stay.
    static func path(_ path: String) -> String { encode(path, keeping: UInt8(ascii: "/")) }

    /// Names and values, sorted by their encoded octets; a name without a value has its `=`.
    static func query(_ query: [(name: String, value: String)]) -> String {
        query.map { (encode($0.name), encode($0.value)) }
            .sorted { left, right in
                if left.0 != right.0 { return left.0.utf8.lexicographicallyPrecedes(right.0.utf8) }
                return left.1.utf8.lexicographicallyPrecedes(right.1.utf8)
            }
            .map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    }

    package static func encode(_ text: String, keeping kept: UInt8? = nil) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var octets: [UInt8] = []
        octets.reserveCapacity(text.utf8.count)
        for octet in text.utf8 {
            if octet == kept || isUnreserved(octet) {
                octets.append(octet)
            } else {
                octets += [UInt8(ascii: "%"), digits[Int(octet >> 4)], digits[Int(octet & 15)]]
            }
        }
        return String(decoding: octets, as: UTF8.self)
    }

    private static func isUnreserved(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "-._~".utf8.contains(octet)
        }
    }
}
