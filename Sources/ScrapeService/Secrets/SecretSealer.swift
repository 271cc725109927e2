import Crypto
import Foundation

/// Seals secrets for the store with AES-GCM: who has the store alone, or a backup of it, has none of them.
///
/// Several keys may open, the first one seals. So a key is changed by putting a new one in front: what the old ones
/// sealed is sealed anew at the next start, and then they can go.
package struct SecretSealer: Sendable {
    package enum Failure: Error, CustomStringConvertible {
        case noKey
        case shortKey
        case unknownKey

        package var description: String {
            switch self {
            case .noKey: "expected a key for secrets, found none"
            case .shortKey: "expected keys for secrets of at least 32 characters"
            case .unknownKey: "a secret cannot be opened: its key is not among those there are"
            }
        }
    }

    /// Octets that name the key in front of what it sealed.
    private static let nameBytes = 4

    private let keys: [(name: [UInt8], key: SymmetricKey)]

    /// - Parameter text: Keys of at least 32 characters each, one a line; the first one seals.
    package init(keys text: String) throws(Failure) {
        let lines = text.split(whereSeparator: \.isNewline)
        guard !lines.isEmpty else { throw .noKey }
        guard lines.allSatisfy({ $0.utf8.count >= 32 }) else { throw .shortKey }
        keys = lines.map { line in
            let secret = SymmetricKey(data: Array(line.utf8))
            let key = HKDF<SHA256>.deriveKey(
                inputKeyMaterial: secret, info: Array("pailou scrape secrets".utf8), outputByteCount: 32)
            let name = key.withUnsafeBytes { Array(SHA256.hash(data: Array($0)).prefix(Self.nameBytes)) }
            return (name, key)
        }
    }

    /// - Parameter owner: The record it belongs to: sealed for one, it cannot be opened for another.
    package func seal(_ secret: String, for owner: String) throws -> [UInt8] {
        let (name, key) = keys[0]
        let box = try AES.GCM.seal(Array(secret.utf8), using: key, authenticating: Array(owner.utf8))
        guard let combined = box.combined else { throw Failure.noKey }
        return name + Array(combined)
    }

    package func open(_ sealed: [UInt8], of owner: String) throws -> String {
        let name = Array(sealed.prefix(Self.nameBytes))
        guard let key = keys.first(where: { $0.name == name })?.key else { throw Failure.unknownKey }
        let box = try AES.GCM.SealedBox(combined: sealed.dropFirst(Self.nameBytes))
        return String(decoding: try AES.GCM.open(box, using: key, authenticating: Array(owner.utf8)), as: UTF8.self)
    }

    /// Whether another key than the present one sealed it.
    package func isOutdated(_ sealed: [UInt8]) -> Bool { !sealed.starts(with: keys[0].name) }
}
