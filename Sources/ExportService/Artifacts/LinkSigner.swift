import Crypto

/// Signs download links, so that a link works for as long as it says and for the file it names, and no other does.
///
/// The signature is the HMAC-SHA256 over path and expiry in lower-case hexadecimal digits. Nothing is stored: another
/// key makes all links given out before worthless, and so does time.
package struct LinkSigner: Sendable {
    /// What a signed link has behind its path.
    package struct Proof: Sendable, Equatable {
        /// Seconds since 1970; the link works up to and including this second.
        package var expires: Int
        package var signature: String

        package init(expires: Int, signature: String) {
            self.expires = expires
            self.signature = signature
        }
    }

    package enum Verdict: Sendable, Equatable {
        case valid
        /// Ours, but its time is over.
        case expired
        /// Missing, of another path or expiry, or made with another key.
        case forged
    }

    /// The fewest octets a key may have: as many as SHA-256 gives.
    package static let keyBytesMin = 32

    private let key: SymmetricKey
    private let duration: Duration
    private let now: @Sendable () -> Int

    /// - Parameters:
    ///   - duration: How long a link works; whole seconds.
    ///   - now: Seconds since 1970.
    package init(key: [UInt8], duration: Duration, now: @escaping @Sendable () -> Int = { WallClock.seconds() }) {
        self.key = SymmetricKey(data: key)
        self.duration = duration
        self.now = now
    }

    /// A proof for a path that works from now on.
    package func sign(_ path: String) -> Proof {
        let expires = now() + Int(duration.components.seconds)
        let code = HMAC<SHA256>.authenticationCode(for: Self.message(path, expires), using: key)
        return Proof(expires: expires, signature: code.hexadecimal)
    }

    /// Compares in constant time: how long it takes must not tell how much was right.
    package func judge(_ proof: Proof?, for path: String) -> Verdict {
        guard let proof, let code = [UInt8](hexadecimal: proof.signature) else { return .forged }
        let message = Self.message(path, proof.expires)
        guard HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: message, using: key) else { return .forged }
        return now() <= proof.expires ? .valid : .expired
    }

    /// The first line says what is signed, so that the key could sign something else some day.
    private static func message(_ path: String, _ expires: Int) -> [UInt8] {
        Array("pailou download 1\n\(path)\n\(expires)".utf8)
    }
}
