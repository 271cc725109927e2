import Crypto

/// Signs requests by AWS Signature Version 4, as S3 wants it: paths are encoded once and never normalised.
///
/// Our own because libcurl 7.88 cannot presign, and sorts the query of a multipart upload wrongly.
package struct S3Signer: Sendable {
    private static let algorithm = "AWS4-HMAC-SHA256"
    /// Instead of the body's hash in a presigned link, whose body nobody knows yet.
    private static let unsignedPayload = "UNSIGNED-PAYLOAD"
    /// The longest a presigned link can work: the service refuses more.
    package static let linkSecondsMax = 7 * 86_400

    private let credentials: S3Credentials
    private let region: String

    package init(credentials: S3Credentials, region: String) {
        self.credentials = credentials
        self.region = region
    }

    /// All headers the request is to be sent with; `host` is signed too, and sent by the transport.
    ///
    /// - Parameters:
    ///   - payload: The SHA-256 of the body in lower-case hexadecimal digits.
    ///   - seconds: Since 1970; S3 refuses clocks that differ from its own by more than 15 minutes.
    package func headers(
        for request: S3Request, payload: String, at seconds: Int
    ) -> [(name: String, value: String)] {
        let time = S3Timestamp(seconds: seconds)
        var headers = request.headers
        headers.append(("x-amz-content-sha256", payload))
        headers.append(("x-amz-date", time.text))
        if let token = credentials.sessionToken { headers.append(("x-amz-security-token", token)) }
        let canonical = CanonicalHeaders(headers + [("host", request.host)])
        let signature = sign(request, query: request.query, canonical, payload: payload, at: time)
        let proof =
            "\(Self.algorithm) Credential=\(credentials.accessKey)/\(scope(time)), "
            + "SignedHeaders=\(canonical.names), Signature=\(signature)"
        return headers + [("authorization", proof)]
    }

    /// A link by which anybody can make this request until its time is over.
    ///
    /// - Parameter lasting: Seconds, at most ``linkSecondsMax``.
    package func link(to request: S3Request, lasting: Int, at seconds: Int) -> String {
        let time = S3Timestamp(seconds: seconds)
        let canonical = CanonicalHeaders(request.headers + [("host", request.host)])
        var query = request.query
        query += [
            ("X-Amz-Algorithm", Self.algorithm), ("X-Amz-Credential", "\(credentials.accessKey)/\(scope(time))"),
            ("X-Amz-Date", time.text), ("X-Amz-Expires", "\(min(max(1, lasting), Self.linkSecondsMax))"),
            ("X-Amz-SignedHeaders", canonical.names),
        ]
        if let token = credentials.sessionToken { query.append(("X-Amz-Security-Token", token)) }
        let signature = sign(request, query: query, canonical, payload: Self.unsignedPayload, at: time)
        return "\(request.origin)\(request.encodedPath)?\(S3Encoding.query(query))&X-Amz-Signature=\(signature)"
    }

    private func scope(_ time: S3Timestamp) -> String { "\(time.day)/\(region)/s3/aws4_request" }

    private func sign(
        _ request: S3Request, query: [(name: String, value: String)], _ headers: CanonicalHeaders, payload: String,
        at time: S3Timestamp
    ) -> String {
        let canonical = [
            request.method, request.encodedPath, S3Encoding.query(query), headers.lines, headers.names, payload,
        ].joined(separator: "\n")
        let hash = SHA256.hash(data: Array(canonical.utf8)).hexadecimalText
        let text = [Self.algorithm, time.text, scope(time), hash].joined(separator: "\n")
        return code(Array(text.utf8), key: signingKey(time)).hexadecimalText
    }

    /// A key of this day, region and service, so that the secret itself signs nothing.
    private func signingKey(_ time: S3Timestamp) -> SymmetricKey {
        let start = SymmetricKey(data: Array("AWS4\(credentials.secretKey)".utf8))
        return [time.day, region, "s3", "aws4_request"].reduce(start) { key, part in
            SymmetricKey(data: code(Array(part.utf8), key: key))
        }
    }

    private func code(_ octets: [UInt8], key: SymmetricKey) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: octets, using: key)
    }
}

/// Headers as they are signed: lower-case names in order, values without needless white space.
private struct CanonicalHeaders {
    /// A line for each, and an empty one.
    let lines: String
    /// `host;x-amz-date`
    let names: String

    init(_ headers: [(name: String, value: String)]) {
        let grouped = Dictionary(grouping: headers) { $0.name.lowercased() }
        let sorted = grouped.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        lines = sorted.map { name, values in
            "\(name):\(values.map { Self.collapsed($0.value) }.joined(separator: ","))\n"
        }.joined()
        names = sorted.map(\.key).joined(separator: ";")
    }

    private static func collapsed(_ value: String) -> String {
        value.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
    }
}

extension Sequence<UInt8> {
    /// Lower-case hexadecimal digits.
    package var hexadecimalText: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
