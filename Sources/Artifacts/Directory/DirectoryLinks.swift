import Crypto
import Foundation

/// Links to finished files that a web server of the operator's hands out by itself, signed as nginx's `secure_link` reads
/// it: the MD5 of expiry, path and key.
///
/// The file goes from the disk to the socket in the kernel, and neither gateway nor service sees it.
package struct DirectoryLinks: Sendable {
    /// Ends without a slash.
    private let base: String
    /// Of the URL, as the server sees it.
    private let path: String
    private let key: String
    private let now: @Sendable () -> Int

    /// - Parameters:
    ///   - base: Where the server has the directory, such as `https://files.example/exports`; nil if it is no such URL.
    ///   - key: What the server knows, too.
    ///   - now: Seconds since 1970.
    package init?(base: String, key: String, now: @escaping @Sendable () -> Int) {
        var base = base
        while base.hasSuffix("/") { base.removeLast() }
        guard let scheme = ["http://", "https://"].first(where: base.hasPrefix), base.count > scheme.count,
            base.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), !base.contains(where: { "?#%\"\\".contains($0) })
        else { return nil }
        self.base = base
        path = String(base.dropFirst(scheme.count).drop { $0 != "/" })
        self.key = key
        self.now = now
    }

    func link(to name: String, called fileName: String, lasting duration: Duration) -> String {
        let expires = now() + Int(duration.components.seconds)
        let digest = Insecure.MD5.hash(data: Data("\(expires)\(path)/\(name) \(key)".utf8))
        let signature = Data(digest).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        let shown = fileName.addingPercentEncoding(withAllowedCharacters: Self.unreserved) ?? ""
        return "\(base)/\(name)?expires=\(expires)&md5=\(signature)&name=\(shown)"
    }

    /// RFC 3986 §2.3.
    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}
