import CCurl

/// The URL of a proxy, parsed by the same parser that later connects.
package struct ProxyURL: Sendable, Equatable {
    package static let schemes = ["http", "https", "socks5", "socks5h"]

    /// Lower-case; an IPv6 address without its brackets.
    package let host: String
    /// Scheme, host and port, without user and password.
    package let shown: String

    /// Reads `http://proxy:3128` or `socks5h://user:password@proxy:1080`. Errors repeat nothing of the text, which may hold
    /// a password.
    package init(parsing text: String) throws(HTTPFetchError) {
        guard text.utf8.count <= FetchURL.bytesMax, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw .invalidProxy(reason: "it is too long, or holds another character than visible ASCII")
        }
        guard let parsed = curl_url() else { throw .invalidProxy(reason: "out of memory") }
        defer { curl_url_cleanup(parsed) }
        let code = curl_url_set(parsed, CURLUPART_URL, text, UInt32(CURLU_NON_SUPPORT_SCHEME))
        guard code == CURLUE_OK else { throw .invalidProxy(reason: asClause(String(cString: curl_url_strerror(code)))) }
        guard let scheme = Self.part(CURLUPART_SCHEME, of: parsed), Self.schemes.contains(scheme) else {
            throw .invalidProxy(reason: "its scheme is another one")
        }
        guard var host = Self.part(CURLUPART_HOST, of: parsed)?.lowercased(), !host.isEmpty else {
            throw .invalidProxy(reason: "it has no host")
        }
        let rest = Self.part(CURLUPART_PATH, of: parsed) ?? ""
        // A password with a "#" or "/" ends the host early: what is behind it would be taken for a path.
        guard rest.isEmpty || rest == "/", Self.part(CURLUPART_QUERY, of: parsed) == nil,
            Self.part(CURLUPART_FRAGMENT, of: parsed) == nil
        else { throw .invalidProxy(reason: "something follows its host; a password has to be percent-encoded") }
        shown = "\(scheme)://\(host)" + (Self.part(CURLUPART_PORT, of: parsed).map { ":\($0)" } ?? "")
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        self.host = host
    }

    private static func part(_ part: CURLUPart, of url: OpaquePointer) -> String? {
        var value: UnsafeMutablePointer<CChar>?
        guard curl_url_get(url, part, &value, 0) == CURLUE_OK, let value else { return nil }
        defer { curl_free(value) }
        return String(cString: value)
    }
}
