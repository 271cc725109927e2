import Crypto
import Foundation

/// Seals secrets for the store with AES-GCM: who has the store alone, or a backup of it, has none of them.
///
/// Several keys may open, the first one seals. So a key is changed by putting a new one in front: what the old ones
/// sealed is sealed anew at the next start, and then they can go.
///
/// What is sealed: four octets that name the key, the nonce, the secret enciphered, its tag. The owner is authenticated
/// with it.
package struct SecretSealer: Sendable {
    package enum Failure: Error, CustomStringConvertible {
        case noKey
        case shortKey
        case notOpened

        package var description: String {
            switch self {
            case .noKey: "expected a key for secrets, found none"
            case .shortKey:
                "expected keys for secrets of at least \(SecretSealer.keyCharactersMin) characters, one a line"
            case .notOpened: "a secret cannot be opened: its key is not among those there are, or it is another's"
            }
        }
    }

    /// As many octets as AES-256 takes.
    package static let keyCharactersMin = 32
    /// Octets that name the key in front of what it sealed.
    private static let nameBytes = 4

    private struct Key {
        let name: [UInt8]
        let sealing: SymmetricKey
    }

    private let keys: [Key]
    private let naming: SymmetricKey

    /// - Parameters:
    ///   - text: Keys of at least 32 characters each, one a line; the first one seals.
    package init(keys text: String, for purpose: SecretPurpose) throws(Failure) {
        let lines = text.split(whereSeparator: \.isNewline)
        guard let first = lines.first else { throw .noKey }
        guard lines.allSatisfy({ $0.utf8.count >= Self.keyCharactersMin }) else { throw .shortKey }
        keys = lines.map { line in
            let key = Self.derived(purpose.sealing, from: line)
            let name = key.withUnsafeBytes { Array(SHA256.hash(data: Array($0)).prefix(Self.nameBytes)) }
            return Key(name: name, sealing: key)
        }
        naming = Self.derived(purpose.naming, from: first)
    }

    private static func derived(_ purpose: String, from key: Substring) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Array(key.utf8)), info: Array(purpose.utf8), outputByteCount: 32)
    }

    /// - Parameter owner: The record it belongs to: sealed for one, it cannot be opened for another.
    package func seal(_ secret: String, for owner: String) throws -> [UInt8] {
        let box = try AES.GCM.seal(Array(secret.utf8), using: keys[0].sealing, authenticating: Array(owner.utf8))
        return keys[0].name + Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)
    }

    package func open(_ sealed: [UInt8], of owner: String) throws(Failure) -> String {
        for key in keys where sealed.starts(with: key.name) {
            if let secret = Self.open(sealed.dropFirst(Self.nameBytes), key, Array(owner.utf8)) { return secret }
        }
        // Sealed before keys had names and secrets owners.
        for key in keys {
            if let secret = Self.open(sealed[...], key, []) { return secret }
        }
        throw .notOpened
    }

    private static func open(_ combined: ArraySlice<UInt8>, _ key: Key, _ owner: [UInt8]) -> String? {
        guard let box = try? AES.GCM.SealedBox(combined: combined),
            let secret = try? AES.GCM.open(box, using: key.sealing, authenticating: owner)
        else { return nil }
        return String(decoding: secret, as: UTF8.self)
    }

    /// Whether there are keys that only open: then what they sealed is to be sealed anew.
    package var isChangingKeys: Bool { keys.count > 1 }

    /// Whether something else than the present key and form sealed it.
    package func isOutdated(_ sealed: [UInt8]) -> Bool { !sealed.starts(with: keys[0].name) }

    /// The same for the same secret, which it does not tell; another one once the first key is another.
    package func fingerprint(of secret: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(secret.utf8), using: naming))
    }
}
