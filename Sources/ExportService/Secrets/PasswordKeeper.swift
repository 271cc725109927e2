import JSONBytes
package import Secrets

/// Keeps passwords of requests out of the store: what is stored can be read with this service's key only.
package struct PasswordKeeper: Sendable {
    /// The member of a stored body that has the sealed password, in base 16.
    static let sealedMember = "password_sealed"

    let sealer: SecretSealer

    /// - Parameter keys: One a line; the first one seals.
    package init(keys: String) throws(SecretSealer.Failure) {
        sealer = try SecretSealer(keys: keys, for: .exportPasswords)
    }

    /// The members as they are stored: the password sealed for this export, under another name.
    func sealed(_ members: [JSONMember], for key: HashKey) throws -> [JSONMember] {
        try members.compactMap { member in
            switch (member.key, member.value) {
            case (Self.sealedMember, _): nil
            case (PasswordRules.member, .string(let password)):
                JSONMember(Self.sealedMember, .string(try sealer.seal(password, for: Self.owner(key)).hexadecimal))
            default: member
            }
        }
    }

    /// The members as they go into the export's name: the same password gives the same name, which does not tell it.
    func named(_ members: [JSONMember]) -> [JSONMember] {
        members.map { member in
            guard member.key == PasswordRules.member, case .string(let password) = member.value else { return member }
            return JSONMember(member.key, .string(sealer.fingerprint(of: password).hexadecimal))
        }
    }

    /// The members without the one that only we may set: in a request it would be taken for ours.
    static func stripped(_ members: [JSONMember]) -> [JSONMember] { members.filter { $0.key != sealedMember } }

    /// The password of a stored body; nil if it has none. Throws when it was sealed with another key, or there is none.
    static func password(of body: JSONValue, _ key: HashKey, openedBy keeper: PasswordKeeper?) throws -> String? {
        guard let text = body[sealedMember]?.string else { return nil }
        guard let keeper, let octets = [UInt8](hexadecimal: text),
            let password = try? keeper.sealer.open(octets, of: owner(key))
        else {
            throw CrawlFailure(
                "the password of this export cannot be read here: replicas need the same export.secretKeyFile")
        }
        return password
    }

    /// A stored body with its password sealed anew; nil if that is not due, or the key it was sealed with is gone.
    func resealed(_ body: JSONValue, _ key: HashKey) throws -> JSONValue? {
        guard let octets = body[Self.sealedMember]?.string.flatMap({ [UInt8](hexadecimal: $0) }),
            sealer.isOutdated(octets), let password = try? sealer.open(octets, of: Self.owner(key))
        else { return nil }
        let members = (body.members ?? []) + [JSONMember(PasswordRules.member, .string(password))]
        return .object(try sealed(members, for: key))
    }

    private static func owner(_ key: HashKey) -> String { "export \(key)" }
}
