import Foundation
import HTTPFetch
import JSONBytes

/// What sources ask for, kept by the operator: a request names one and never sees it.
///
/// Each belongs to origins (scheme, host and port): a stranger who names one for a source of their own gets nothing.
package struct SourceCredentials: Sendable {
    package struct Credential: Sendable {
        let origins: [FetchURL]
        /// The value of the header `Authorization`.
        let authorization: String

        func isFor(_ url: String) -> Bool {
            guard let url = try? FetchURL(parsing: url) else { return false }
            return origins.contains { $0.hasSameOrigin(as: url) }
        }
    }

    private let byName: [String: Credential]

    package init() { byName = [:] }

    /// Reads `{"NAME": {"origins": ["https://erp.example"], "bearer": "…"}}`, or `"basic": "user:password"`.
    package init(parsing octets: [UInt8]) throws {
        let names = try JSONValue(parsing: octets).members ?? []
        byName = try Dictionary(
            names.map { ($0.key, try Self.credential($0)) }, uniquingKeysWith: { first, _ in first })
    }

    package subscript(_ name: String) -> Credential? { byName[name] }

    private static func credential(_ member: JSONMember) throws -> Credential {
        let origins = try (member.value["origins"]?.elements ?? []).map { try FetchURL(parsing: $0.string ?? "") }
        guard !origins.isEmpty else {
            throw Unreadable(name: member.key, expected: "origins, such as https://erp.example")
        }
        if let token = member.value["bearer"]?.string, !token.isEmpty {
            return Credential(origins: origins, authorization: "Bearer \(token)")
        }
        guard let pair = member.value["basic"]?.string, pair.contains(":") else {
            throw Unreadable(name: member.key, expected: "bearer, or basic as user:password")
        }
        return Credential(origins: origins, authorization: "Basic \(Data(pair.utf8).base64EncodedString())")
    }

    private struct Unreadable: Error, CustomStringConvertible {
        let name: String
        let expected: String
        var description: String { "the credential \(name): expected \(expected)" }
    }
}
