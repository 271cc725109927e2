import JSONBytes
import JWTKit
import RPC

/// Reads the keys of a file: a JWK or a set of them (RFC 7517), or a public key in PEM.
struct JWTKeyFile {
    let path: String

    /// Keys of one file; each may be tried for a token.
    private static let keysMax = 32
    /// RFC 7518 section 3.2: a key shorter than the hash could be guessed first.
    private static let secretBytesMin = 32

    func keys() async throws -> [JWTKey] {
        let octets = try SmallFile.read(path)
        if String(decoding: octets, as: UTF8.self).contains("-----BEGIN") {
            return [try await key(pem: String(decoding: octets, as: UTF8.self))]
        }
        guard let document = try? JSONValue(parsing: octets) else {
            throw SecurityFileError(path, "expected a set of JSON Web Keys or a public key in PEM")
        }
        let set = document["keys"]?.elements ?? [document]
        guard (1...Self.keysMax).contains(set.count) else {
            throw SecurityFileError(path, "expected 1 to \(Self.keysMax) keys, found \(set.count)")
        }
        var keys: [JWTKey] = []
        for (index, key) in set.enumerated() where key["use"]?.string ?? "sig" == "sig" {
            keys.append(try await self.key(key, index))
        }
        return keys
    }

    private func key(_ jwk: JSONValue, _ index: Int) async throws -> JWTKey {
        let id = jwk["kid"]?.string
        let collection = JWTKeyCollection()
        let algorithm: JWTKey.Algorithm
        do {
            switch (jwk["kty"]?.string, jwk["crv"]?.string) {
            case ("oct", _):
                algorithm = .HS256
                await collection.add(hmac: HMACKey(from: try secret(jwk)), digestAlgorithm: .sha256)
            case ("RSA", _):
                algorithm = .RS256
                await collection.add(
                    rsa: try Insecure.RSA.PublicKey(modulus: text(jwk, "n"), exponent: text(jwk, "e")),
                    digestAlgorithm: .sha256)
            case ("EC", "P-256"):
                algorithm = .ES256
                await collection.add(ecdsa: try ES256PublicKey(parameters: (text(jwk, "x"), text(jwk, "y"))))
            case ("OKP", "Ed25519"):
                algorithm = .EdDSA
                await collection.add(eddsa: try EdDSA.PublicKey(x: text(jwk, "x"), curve: .ed25519))
            default: throw Unusable()
            }
            guard jwk["alg"]?.string ?? algorithm.rawValue == algorithm.rawValue else { throw Unusable() }
            return try await JWTKey(id: id, algorithm, collection)
        } catch {
            throw SecurityFileError(
                path,
                "key \(index + 1): expected a key for RS256 (2048 bits or more), ES256, EdDSA or HS256 (32 octets or more)"
            )
        }
    }

    private func key(pem: String) async throws -> JWTKey {
        let collection = JWTKeyCollection()
        if let key = try? ES256PublicKey(pem: pem) {
            await collection.add(ecdsa: key)
            return try await JWTKey(.ES256, collection)
        }
        if let key = try? Insecure.RSA.PublicKey(pem: pem) {
            await collection.add(rsa: key, digestAlgorithm: .sha256)
            return try await JWTKey(.RS256, collection)
        }
        if let key = try? EdDSA.PublicKey(pem: pem) {
            await collection.add(eddsa: key)
            return try await JWTKey(.EdDSA, collection)
        }
        throw SecurityFileError(path, "expected a public key of RSA (2048 bits or more), P-256 or Ed25519")
    }

    private func secret(_ jwk: JSONValue) throws -> [UInt8] {
        guard let octets = Base64URL.decode(try text(jwk, "k")), octets.count >= Self.secretBytesMin else {
            throw Unusable()
        }
        return octets
    }

    private func text(_ jwk: JSONValue, _ name: String) throws -> String {
        guard let text = jwk[name]?.string else { throw Unusable() }
        return text
    }

    /// Said better by whoever catches it.
    private struct Unusable: Error {}
}
