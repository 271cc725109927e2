import Gateway
import RPC
import TestSupport

/// The `---- guard` section of a case: keys in clear, JSON Web Keys, a rate.
struct CaseGuard: Sendable {
    let lines: [String]

    /// How often the request has been sent before.
    var again: Int { words("again").first.flatMap { Int($0[0]) } ?? 0 }

    /// What the gateway is told: files, as an operator writes them.
    func options() async throws -> FacadeGuardOptions {
        let directory = try TemporaryDirectory()
        var options = FacadeGuardOptions()
        let keys = words("key").map { "\($0[0]) \(TokenHash(of: $0[1]).hex) \($0.dropFirst(2).joined(separator: " "))" }
        if !keys.isEmpty {
            options.keys = try await TokenFile(path: directory.write(keys.joined(separator: "\n"), to: "keys"))
        }
        if let set = words("jwks").first {
            options.tokens = try await JWTVerifier(
                keysFile: directory.write(set.joined(separator: " "), to: "jwks"), issuer: words("issuer").first?[0],
                audience: words("audience").first?[0])
        }
        options.rate = words("rate").first.flatMap { RateLimit($0[0]) }
        return options
    }

    /// What stands behind a word, for each line that begins with it.
    private func words(_ word: String) -> [[String]] {
        lines.map { $0.split(separator: " ").map(String.init) }.filter { $0.first == word && $0.count > 1 }
            .map { Array($0.dropFirst()) }
    }
}
