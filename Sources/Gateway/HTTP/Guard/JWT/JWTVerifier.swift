import JSONBytes
import RPC

/// Decides whether a JSON Web Token lets its bearer in: signature, time, issuer and audience.
package final class JWTVerifier: Sendable {
    /// What a good token says of its bearer.
    struct Bearer: Sendable, Equatable {
        let subject: String
        /// `scope`, or `scp` where an issuer writes it so.
        let scopes: Set<String>
    }

    /// Why a token is refused; told to its bearer.
    enum Fault: String, Error {
        case malformed = "the token is no signed JSON Web Token"
        case algorithm = "no key of this server verifies tokens of this algorithm and key id"
        case signature = "the token's signature is wrong"
        case expired = "the token has expired, or does not say when it will"
        case early = "the token does not hold yet"
        case issuer = "the token comes from another issuer"
        case audience = "the token is meant for another audience"
        case subject = "the token does not say whose it is"
    }

    /// Longest token that is looked at.
    static let tokenBytesMax = 8 * 1024
    /// How much the clocks of issuer and gateway may differ, in seconds.
    private static let leeway = 30.0
    private static let subjectBytesMax = 256

    private let keys: FileBacked<[JWTKey]>
    private let issuer: String?
    private let audience: String?

    /// Reads the keys of a file; see `JWTKeyFile`. An issuer that is named must be the token's; a token that names
    /// audiences must name this one.
    package init(keysFile: String, issuer: String?, audience: String?) async throws {
        keys = try await FileBacked([keysFile]) { try await JWTKeyFile(path: keysFile).keys() }
        (self.issuer, self.audience) = (issuer, audience)
    }

    /// Reads a changed file again; as `TokenFile.reload`.
    package func reload() async throws -> Bool { try await keys.reload() }

    /// - Parameter now: seconds since 1970.
    func bearer(of token: String, now: Double) throws(Fault) -> Bearer {
        guard token.utf8.count <= Self.tokenBytesMax else { throw .malformed }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let signature = Base64URL.decode(parts[2]), !signature.isEmpty else { throw .malformed }
        let header = try object(parts[0])
        let claims = try object(parts[1])
        try verify(header, signature, signed: Array("\(parts[0]).\(parts[1])".utf8))
        try checkTime(claims, now: now)
        try checkParties(claims)
        guard let subject = claims["sub"]?.string, (1...Self.subjectBytesMax).contains(subject.utf8.count) else {
            throw .subject
        }
        return Bearer(subject: subject, scopes: scopes(claims))
    }

    private func object(_ part: Substring) throws(Fault) -> JSONValue {
        guard let octets = Base64URL.decode(part), let value = try? JSONValue(parsing: octets), value.members != nil
        else {
            throw .malformed
        }
        return value
    }

    private func verify(_ header: JSONValue, _ signature: [UInt8], signed: [UInt8]) throws(Fault) {
        // An extension that must be understood is one we do not know (RFC 7515, 4.1.11).
        guard let algorithm = header["alg"]?.string, header["crit"] == nil else { throw .malformed }
        let id = header["kid"]
        guard id == nil || id?.string != nil else { throw .malformed }
        let candidates = keys.value.filter { $0.fits(algorithm: algorithm, id: id?.string) }
        guard !candidates.isEmpty else { throw .algorithm }
        guard candidates.contains(where: { $0.verifies(signature, of: signed) }) else { throw .signature }
    }

    private func checkTime(_ claims: JSONValue, now: Double) throws(Fault) {
        guard let end = claims["exp"]?.double, now < end + Self.leeway else { throw .expired }
        guard let begin = claims["nbf"] else { return }
        guard let moment = begin.double, moment - Self.leeway <= now else { throw .early }
    }

    private func checkParties(_ claims: JSONValue) throws(Fault) {
        if let issuer, claims["iss"]?.string != issuer { throw .issuer }
        let named = claims["aud"]?.elements?.compactMap(\.string) ?? claims["aud"].map { [$0.string ?? ""] }
        if let audience {
            guard named?.contains(audience) == true else { throw .audience }
        } else if named != nil {
            throw .audience
        }
    }

    private func scopes(_ claims: JSONValue) -> Set<String> {
        let list = claims["scope"] ?? claims["scp"]
        let words = list?.elements?.compactMap(\.string) ?? (list?.string ?? "").split(separator: " ").map(String.init)
        return Set(words)
    }
}
