import JWTKit

/// A key that verifies JSON Web Tokens, of one algorithm only: a token cannot choose how its signature is read.
struct JWTKey: Sendable {
    /// The algorithms that are taken; `none` and all others are not.
    enum Algorithm: String, Sendable {
        case HS256, RS256, ES256, EdDSA
    }

    /// `kid` of a JWK.
    let id: String?
    let algorithm: Algorithm
    private let verifier: any JWTAlgorithm

    init(id: String? = nil, _ algorithm: Algorithm, _ keys: JWTKeyCollection) async throws {
        self.id = id
        self.algorithm = algorithm
        verifier = try await keys.getKey()
    }

    /// Whether the key may be tried for a token with this header.
    func fits(algorithm: String, id: String?) -> Bool {
        self.algorithm.rawValue == algorithm && (id == nil || self.id == nil || id == self.id)
    }

    func verifies(_ signature: [UInt8], of signed: [UInt8]) -> Bool {
        (try? verifier.verify(signature, signs: signed)) == true
    }
}
