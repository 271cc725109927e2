import NIOHTTP1

/// Finds in a request what a scheme asks for.
struct ShownCredentials {
    let headers: HTTPHeaders
    let query: Substring

    /// Longest key or token that is looked at, and a little more.
    private static let bytesMax = JWTVerifier.tokenBytesMax

    /// The credential of a scheme; nil if there is none. Fields that come twice are none: who sent which is not known.
    func credential(_ scheme: SecurityScheme) -> String? {
        let found =
            switch scheme {
            case .bearer: bearer
            case .apiKey(.header, let name): only(headers[name])
            case .apiKey(.query, let name): only(queried(name))
            case .apiKey(.cookie, let name): only(cookies(name))
            }
        guard let found, !found.isEmpty, found.utf8.count <= Self.bytesMax else { return nil }
        return found
    }

    private var bearer: String? {
        guard let field = only(headers["authorization"]) else { return nil }
        let words = field.split(separator: " ", omittingEmptySubsequences: true)
        guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
        return String(words[1])
    }

    private func queried(_ name: String) -> [String] {
        query.split(separator: "&").compactMap { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard PercentCoding.decode(parts[0], plusIsSpace: true) == name else { return nil }
            return parts.count == 2 ? PercentCoding.decode(parts[1], plusIsSpace: true) : ""
        }
    }

    private func cookies(_ name: String) -> [String] {
        headers["cookie"].flatMap { $0.split(separator: ";") }.compactMap { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0].drop(while: { $0 == " " }) == name else { return nil }
            return String(parts[1])
        }
    }

    private func only(_ values: [String]) -> String? {
        values.count == 1 ? values[0] : nil
    }
}
