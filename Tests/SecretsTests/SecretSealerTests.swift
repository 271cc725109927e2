import Crypto
import Foundation
import Secrets
import Testing

@Suite struct SecretSealerTests {
    private static let keys = ["the-first-key-of-at-least-32-characters", "the-second-one-of-at-least-32-characters"]

    private func sealer(_ keys: String..., for purpose: SecretPurpose = .scraping) throws -> SecretSealer {
        try SecretSealer(keys: keys.joined(separator: "\n"), for: purpose)
    }

    @Test func aSecretIsOpenedOnlyForItsOwnerAndByItsKey() throws {
        let first = try sealer(Self.keys[0])
        let sealed = try first.seal("token", for: "account a")
        #expect(try first.open(sealed, of: "account a") == "token")
        #expect(try first.seal("token", for: "account a") != sealed)
        #expect(throws: SecretSealer.Failure.self) { try first.open(sealed, of: "account b") }
        #expect(throws: SecretSealer.Failure.self) { try sealer(Self.keys[1]).open(sealed, of: "account a") }
        let otherPurpose = try sealer(Self.keys[0], for: .exportPasswords)
        #expect(throws: SecretSealer.Failure.self) { try otherPurpose.open(sealed, of: "account a") }
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(throws: SecretSealer.Failure.self) { try first.open(changed, of: "account a") }
        }
        for count in sealed.indices {
            #expect(throws: SecretSealer.Failure.self) { try first.open(Array(sealed[..<count]), of: "account a") }
        }
    }

    @Test func aNewKeyInFrontTakesOver() throws {
        let first = try sealer(Self.keys[0])
        let sealed = try first.seal("token", for: "account a")
        let both = try sealer(Self.keys[1], Self.keys[0])
        #expect(try both.open(sealed, of: "account a") == "token")
        #expect(both.isOutdated(sealed) && !first.isOutdated(sealed))
        #expect(both.isChangingKeys && !first.isChangingKeys)
        let anew = try both.seal("token", for: "account a")
        #expect(!both.isOutdated(anew))
        #expect(try sealer(Self.keys[1]).open(anew, of: "account a") == "token")
    }

    /// Stores hold both: with the key's name and an owner, and, of exports, with neither.
    @Test(arguments: [
        (SecretPurpose.scraping, "pailou scrape secrets", true),
        (.exportPasswords, "pailou export password sealing", false),
    ])
    func whatEarlierVersionsSealedIsOpened(purpose: SecretPurpose, info: String, isNamed: Bool) throws {
        let key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Array(Self.keys[0].utf8)), info: Array(info.utf8), outputByteCount: 32)
        let box =
            isNamed
            ? try AES.GCM.seal(Array("密码".utf8), using: key, authenticating: Array("owner".utf8))
            : try AES.GCM.seal(Array("密码".utf8), using: key)
        let name = key.withUnsafeBytes { Array(SHA256.hash(data: Array($0)).prefix(4)) }
        let sealed = (isNamed ? name : []) + Array(try #require(box.combined))
        for keys in [Self.keys[...0], Self.keys[...]] {
            let sealer = try SecretSealer(keys: keys.joined(separator: "\n"), for: purpose)
            #expect(try sealer.open(sealed, of: "owner") == "密码")
            #expect(sealer.isOutdated(sealed) == !isNamed)
        }
    }

    /// Names of exports were made with it.
    @Test func theFingerprintIsThatOfEarlierVersions() throws {
        let key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Array(Self.keys[0].utf8)),
            info: Array("pailou export password naming".utf8), outputByteCount: 32)
        let code = Array(HMAC<SHA256>.authenticationCode(for: Array("密码".utf8), using: key))
        #expect(try sealer(Self.keys[0], Self.keys[1], for: .exportPasswords).fingerprint(of: "密码") == code)
    }

    @Test(arguments: ["", "short", "\n", "the-first-key-of-at-least-32-characters\nshort"])
    func aKeyIsRequired(keys: String) {
        #expect(throws: SecretSealer.Failure.self) { try SecretSealer(keys: keys, for: .scraping) }
    }
}
