/// One request, before it is signed. Path and query are not encoded yet: what is signed and what is sent are encoded
/// in one place, the same way.
package struct S3Request: Sendable {
    package var method: String
    /// Scheme, host, and port unless it is the scheme's own.
    package var origin: String
    /// Begins with a slash.
    package var path: String
    package var query: [(name: String, value: String)]
    /// Signed, all of them.
    package var headers: [(name: String, value: String)]

    package init(
        _ method: String, origin: String, path: String, query: [(name: String, value: String)] = [],
        headers: [(name: String, value: String)] = []
    ) {
        self.method = method
        self.origin = origin
        self.path = path
        self.query = query
        self.headers = headers
    }

    /// Host and port as the `Host` header has them.
    package var host: String {
        guard let range = origin.firstRange(of: "://") else { return origin }
        return String(origin[range.upperBound...])
    }

    package var encodedPath: String { S3Encoding.path(path) }

    package var url: String {
        "\(origin)\(encodedPath)\(query.isEmpty ? "" : "?")\(S3Encoding.query(query))"
    }
}
