import CCurl

/// An absolute http or https URL, parsed by the same parser that later connects.
///
/// Two parsers that read one text differently are how address filters are fooled; here libcurl's reads it once and its
/// normal form goes into the transfer.
package struct FetchURL: Sendable, Equatable {
    /// Lower-case, `http` or `https`.
    package let scheme: String
    /// Lower-case; an IPv6 address without its brackets; numbers such as `0x7f.1` as dotted decimal.
    package let host: String
    package let port: Int
    /// The normal form, without a fragment.
    package let text: String

    /// Long enough for every honest query, short enough to log and store.
    package static let bytesMax = 16 << 10

    /// Reads `text`; refuses other schemes, credentials, control characters and more than ``bytesMax`` bytes.
    package init(parsing text: String) throws(HTTPFetchError) {
        guard text.utf8.count <= Self.bytesMax else {
            throw .invalidURL(reason: "it is longer than \(Self.bytesMax) bytes")
        }
        // A NUL would end the C string early: what was checked would not be what is fetched.
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
            throw .invalidURL(reason: "it holds a control character")
        }
        guard let parsed = curl_url() else { throw .invalidURL(reason: "out of memory") }
        defer { curl_url_cleanup(parsed) }
        // Non-support: so that the answer for `file:` is ours. Encode: spaces and non-ASCII characters in the path and
        // the query are percent-encoded, as browsers do. Credentials in URLs end up in logs, so there are none.
        let flags = UInt32(CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE | CURLU_DISALLOW_USER)
        try Self.check(curl_url_set(parsed, CURLUPART_URL, text, flags))

        scheme = try Self.part(CURLUPART_SCHEME, of: parsed).lowercased()
        guard scheme == "http" || scheme == "https" else { throw .schemeRefused(scheme) }
        guard Self.hasHost(text) else { throw .invalidURL(reason: "it has no host") }
        try Self.check(curl_url_set(parsed, CURLUPART_FRAGMENT, nil, 0))
        var host = try Self.part(CURLUPART_HOST, of: parsed).lowercased()
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty else { throw .invalidURL(reason: "it has no host") }
        self.host = host
        port = Int(try Self.part(CURLUPART_PORT, of: parsed, flags: UInt32(CURLU_DEFAULT_PORT))) ?? 0
        guard port > 0 else { throw .invalidURL(reason: "its port is 0") }
        self.text = try Self.part(CURLUPART_URL, of: parsed)
    }

    /// Scheme and host, and the port unless it is the scheme's own: what a `Host` header says behind the scheme.
    package var origin: String {
        let shown = host.contains(":") ? "[\(host)]" : host
        return port == (scheme == "https" ? 443 : 80) ? "\(scheme)://\(shown)" : "\(scheme)://\(shown):\(port)"
    }

    /// Exactly two slashes, then a host: libcurl takes one to three, and `http:///x` for a host named `x`.
    private static func hasHost(_ text: String) -> Bool {
        let rest = text.drop { $0 != ":" }
        guard rest.hasPrefix("://"), let first = rest.dropFirst(3).first else { return false }
        return first != "/" && first != "\\"
    }

    /// Whether both have the same scheme, host and port (RFC 6454).
    package func hasSameOrigin(as other: FetchURL) -> Bool {
        scheme == other.scheme && host == other.host && port == other.port
    }

    private static func part(
        _ part: CURLUPart, of url: OpaquePointer, flags: UInt32 = 0
    ) throws(HTTPFetchError) -> String {
        var value: UnsafeMutablePointer<CChar>?
        try check(curl_url_get(url, part, &value, flags))
        defer { curl_free(value) }
        return value.map { String(cString: $0) } ?? ""
    }

    private static func check(_ code: CURLUcode) throws(HTTPFetchError) {
        switch code {
        case CURLUE_OK: return
        case CURLUE_USER_NOT_ALLOWED: throw .invalidURL(reason: "it holds a user name; send credentials in a header")
        default:
            throw .invalidURL(reason: asClause(String(cString: curl_url_strerror(code))))
        }
    }
}
