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
        let authorization: String?
        /// Certificates; of origins with https only.
        let identity: HTTPIdentity?

        func isFor(_ url: String) -> Bool {
            guard let url = try? FetchURL(parsing: url) else { return false }
            return origins.contains { $0.hasSameOrigin(as: url) }
        }
    }

    private let byName: [String: Credential]

    package init() { byName = [:] }

    /// Reads `{"NAME": {"origins": ["https://erp.example"], "bearer": "…"}}`; instead of `bearer`, or beside it, `basic`
    /// as `user:password`, `certificate` and `key`, `authority`. Files have to be there.
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
        let credential = Credential(
            origins: origins, authorization: try authorization(member), identity: try identity(member))
        if credential.identity != nil, origins.contains(where: { $0.scheme != "https" }) {
            throw Unreadable(name: member.key, expected: "origins with https, for its certificates")
        }
        if credential.authorization == nil, credential.identity == nil {
            throw Unreadable(
                name: member.key, expected: "bearer, basic as user:password, certificate with key, or authority")
        }
        return credential
    }

    private static func authorization(_ member: JSONMember) throws -> String? {
        if let token = member.value["bearer"]?.string, !token.isEmpty { return "Bearer \(token)" }
        guard let basic = member.value["basic"] else { return nil }
        guard let pair = basic.string, pair.contains(":") else {
            throw Unreadable(name: member.key, expected: "basic as user:password")
        }
        return "Basic \(Data(pair.utf8).base64EncodedString())"
    }

    private static func identity(_ member: JSONMember) throws -> HTTPIdentity? {
        let identity = HTTPIdentity(
            certificate: try file("certificate", member), key: try file("key", member),
            authority: try file("authority", member))
        guard (identity.certificate == nil) == (identity.key == nil) else {
            throw Unreadable(name: member.key, expected: "certificate and key together")
        }
        return identity == HTTPIdentity() ? nil : identity
    }

    private static func file(_ name: String, _ member: JSONMember) throws -> String? {
        guard let value = member.value[name] else { return nil }
        guard let path = value.string, FileManager.default.isReadableFile(atPath: path) else {
            throw Unreadable(name: member.key, expected: "\(name) as the path of a readable file")
        }
        return path
    }

    private struct Unreadable: Error, CustomStringConvertible {
        let name: String
        let expected: String
        var description: String { "the credential \(name): expected \(expected)" }
    }
}
