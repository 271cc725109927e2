/// One way to be let in: every one of its schemes has to be shown. Without any, everybody is.
package struct SecurityRequirement: Sendable, Hashable {
    struct Part: Sendable, Hashable {
        var scheme: SecurityScheme
        /// What the caller must be allowed.
        var scopes: [String] = []
    }

    var parts: [Part]

    /// What guards an operation whose document says nothing of it.
    static let usual = [
        SecurityRequirement(parts: [Part(scheme: .bearer)]),
        SecurityRequirement(parts: [Part(scheme: .apiKey(in: .header, name: "x-api-key"))]),
    ]
}

/// How a client shows who it is.
package enum SecurityScheme: Sendable, Hashable {
    package enum Place: String, Sendable {
        case header, query, cookie
    }

    /// A key in a place of its own.
    case apiKey(in: Place, name: String)
    /// `Authorization: Bearer`: a key, or a JSON Web Token.
    case bearer
}
