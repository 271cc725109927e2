/// What we show a TLS server of ourselves, and whom we believe there: PEM files of the operator, read when connecting.
///
/// Errors never name the files.
package struct HTTPIdentity: Sendable, Equatable {
    /// Our certificate, with those between it and its authority behind it.
    package var certificate: String?
    /// The certificate's key, not encrypted.
    package var key: String?
    /// Authorities to believe instead of the fetcher's.
    package var authority: String?

    package init(certificate: String? = nil, key: String? = nil, authority: String? = nil) {
        self.certificate = certificate
        self.key = key
        self.authority = authority
    }
}
