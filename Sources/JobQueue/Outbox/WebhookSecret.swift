import Crypto
import Foundation

/// A key shared with a receiver of callbacks, and the signature made with it.
///
/// Standard Webhooks 1.0.0: HMAC-SHA256 over `id.timestamp.body`, written `v1,` and base64; several signatures are
/// separated by spaces.
package struct WebhookSecret: Sendable {
    private let key: SymmetricKey

    package init(bytes: [UInt8]) { key = SymmetricKey(data: bytes) }

    /// From the usual notation: base64, with or without `whsec_` in front. nil when it is not base64 or empty.
    package init?(text: String) {
        let encoded = text.hasPrefix("whsec_") ? String(text.dropFirst(6)) : text
        guard let data = Data(base64Encoded: encoded), !data.isEmpty else { return nil }
        key = SymmetricKey(data: data)
    }

    /// The secrets of a comma-separated list, white space aside.
    package static func texts(_ list: String) -> [String] {
        list.split { $0 == "," || $0.isWhitespace }.map(String.init)
    }

    /// - Parameter timestamp: Seconds since 1970.
    package func signature(messageID: String, timestamp: Int64, body: [UInt8]) -> String {
        var hmac = HMAC<SHA256>(key: key)
        hmac.update(data: Array("\(messageID).\(timestamp).".utf8))
        hmac.update(data: body)
        return "v1," + Data(hmac.finalize()).base64EncodedString()
    }
}
