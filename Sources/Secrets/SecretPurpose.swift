/// What secrets are kept for: keys of one purpose open nothing of another, though their text is the same.
package enum SecretPurpose: Sendable {
    /// Tokens of accounts, URLs of proxies, secrets of webhooks.
    case scraping
    /// Passwords of zips.
    case exportPasswords

    /// Stores have been sealed with these: they never change.
    var sealing: String {
        switch self {
        case .scraping: "pailou scrape secrets"
        case .exportPasswords: "pailou export password sealing"
        }
    }

    var naming: String {
        switch self {
        case .scraping: "pailou scrape naming"
        case .exportPasswords: "pailou export password naming"
        }
    }
}
