import HTTPFetch

/// Percent-encoding as Signature Version 4 wants it: everything but the unreserved characters of RFC 3986 §2.3.
enum S3Encoding {
    /// A path, whose slashes stay.
    static func path(_ path: String) -> String { PercentEncoding.encode(path, keeping: UInt8(ascii: "/")) }

    /// Names and values, sorted by their encoded octets; a name without a value has its `=`.
    static func query(_ query: [(name: String, value: String)]) -> String {
        query.map { (PercentEncoding.encode($0.name), PercentEncoding.encode($0.value)) }
            .sorted { left, right in
                if left.0 != right.0 { return left.0.utf8.lexicographicallyPrecedes(right.0.utf8) }
                return left.1.utf8.lexicographicallyPrecedes(right.1.utf8)
            }
            .map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    }
}
