import Crypto
import JSONBytes

/// Keeps passwords of requests out of the store: what is stored can be read with this service's key only.
package struct SecretBox: Sendable {
    /// The fewest octets a key may have: as many as AES-256 takes.
    package static let keyBytesMin = 32
    /// The member of a stored body that has the sealed password, in base 16.
    static let sealedMember = "password_sealed"

    private let sealing: SymmetricKey
    private let naming: SymmetricKey

    package init(key: [UInt8]) {
        let root = SymmetricKey(data: key)
        sealing = Self.derived("pailou export password sealing", from: root)
        naming = Self.derived("pailou export password naming", from: root)
    }

    private static func derived(_ purpose: String, from key: SymmetricKey) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(inputKeyMaterial: key, info: Array(purpose.utf8), outputByteCount: 32)
    }

    /// The members as they are stored: the password sealed, under another name.
    func sealed(_ members: [JSONMember]) throws -> [JSONMember] {
        try members.compactMap { member in
            switch (member.key, member.value) {
            case (Self.sealedMember, _): nil
            case (PasswordRules.member, .string(let password)):
                JSONMember(
                    Self.sealedMember,
                    .string(try AES.GCM.seal(Array(password.utf8), using: sealing).combined?.hexadecimal ?? ""))
            default: member
            }
        }
    }

    /// The members as they go into the export's name: the same password gives the same name, which does not tell it.
    func named(_ members: [JSONMember]) -> [JSONMember] {
        members.map { member in
            guard member.key == PasswordRules.member, case .string(let password) = member.value else { return member }
            let code = HMAC<SHA256>.authenticationCode(for: Array(password.utf8), using: naming)
            return JSONMember(member.key, .string(code.hexadecimal))
        }
    }

    /// The members without the one that only we may set: in a request it would be taken for ours.
    static func stripped(_ members: [JSONMember]) -> [JSONMember] { members.filter { $0.key != sealedMember } }

    /// The password of a stored body; nil if it has none. Throws when it was sealed with another key, or there is none.
    static func password(of body: JSONValue, openedBy secrets: SecretBox?) throws -> String? {
        guard let text = body[sealedMember]?.string else { return nil }
        guard let secrets, let octets = [UInt8](hexadecimal: text),
            let box = try? AES.GCM.SealedBox(combined: octets),
            let password = try? AES.GCM.open(box, using: secrets.sealing)
        else {
            throw CrawlFailure(
                "the password of this export cannot be read here: replicas need the same export.secretKeyFile")
        }
        return String(decoding: password, as: UTF8.self)
    }
}
