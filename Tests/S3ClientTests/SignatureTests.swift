import Foundation
import S3Client
import TestSupport
import Testing

/// Our signatures beside botocore's of the same requests.
@Suite struct SignatureTests {
    /// A request, what signs it, and when.
    struct Case: Encodable {
        var method = "GET"
        var origin = "https://bucket.s3.eu-central-1.amazonaws.com"
        var path = "/"
        var query: [[String]] = []
        var headers: [[String]] = []
        var payload = String(repeating: "ab", count: 32)
        var region = "eu-central-1"
        var access = "AKIDEXAMPLE"
        var secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
        var token: String?
        var time = 1_700_000_000
        var expires: Int?

        var signer: S3Signer {
            S3Signer(
                credentials: S3Credentials(accessKey: access, secretKey: secret, sessionToken: token), region: region)
        }

        var request: S3Request {
            S3Request(
                method, origin: origin, path: path, query: query.map { ($0[0], $0[1]) },
                headers: headers.map { ($0[0], $0[1]) })
        }
    }

    static let paths = [
        "/", "/a", "/a/b/c.zip", "//a//b/", "/with space", "/plus+and=equals&and;semi", "/100%", "/%41", "/~tilde-_.",
        "/quote\"'`", "/中文/导出.zip", "/e\u{301}\u{e9}", "/emoji 🏮", "/*()!$,:@", "/a?b#c", "/[x]{y}|z\\w^",
        "/.hidden/..a/a..", "/\u{7f}\u{1}", "/" + String(repeating: "k", count: 1_023),
    ]
    static let queries: [[[String]]] = [
        [], [["uploads", ""]], [["partNumber", "2"], ["uploadId", "a+b/c=="]], [["b", "1"], ["a", "2"], ["A", "3"]],
        [["a", "2"], ["a", "1"]], [["a-", "1"], ["a", "2"], ["a.", "3"]], [["prefix", "a b/中"], ["list-type", "2"]],
        [["x", "~*'()%20+&=?/"]], [["continuation-token", "1/ev+l=="], ["max-keys", "1000"], ["delimiter", "/"]],
    ]
    static let headers: [[[String]]] = [
        [], [["content-type", "application/zip"]], [["Range", "bytes=0-9"], ["If-Match", "\"e-tag\""]],
        [["x-amz-meta-b", "  two   words  "], ["x-amz-meta-a", "1"]], [["X-Amz-Meta-Upper", "Value"]],
    ]

    /// Every path, every query, every set of headers, each with other methods, origins, times, regions and tokens.
    static let cases: [Case] = {
        var cases: [Case] = []
        let origins = [
            "https://bucket.s3.eu-central-1.amazonaws.com", "http://127.0.0.1:9000", "https://[::1]:9443",
            "https://S3.example.com",
        ]
        for (index, path) in paths.enumerated() { cases.append(Case(origin: origins[index % 3], path: path)) }
        for (index, query) in queries.enumerated() {
            cases.append(Case(method: ["GET", "POST", "PUT", "DELETE"][index % 4], path: "/k", query: query))
        }
        for headers in headers { cases.append(Case(method: "PUT", path: "/k", headers: headers)) }
        for index in 0..<200 {
            cases.append(
                Case(
                    method: ["GET", "HEAD", "PUT", "POST", "DELETE"][index % 5], origin: origins[index % 3],
                    path: paths[index % paths.count], query: queries[(index / 3) % queries.count],
                    headers: headers[(index / 7) % headers.count],
                    region: ["us-east-1", "eu-central-1", "garage"][index % 3], access: "AK\(index)",
                    secret: "s/\(index)+=\(String(repeating: "x", count: index))",
                    token: index % 2 == 0 ? nil : "to/ken+=\(index)==", time: 951_782_400 + index * 7_654_321))
        }
        return cases
    }()

    @Test func headersAreSignedAsByBotocore() async throws {
        let theirs = try await botocore(Self.cases)
        for (ours, theirs) in zip(Self.cases, theirs) {
            let headers = ours.signer.headers(for: ours.request, payload: ours.payload, at: ours.time)
            #expect(headers.last?.value == theirs, "\(ours.method) \(ours.path) \(ours.query) \(ours.headers)")
        }
    }

    @Test func linksAreSignedAsByBotocore() async throws {
        var cases: [Case] = []
        for (index, var linked) in Self.cases.enumerated() where linked.headers.isEmpty {
            // botocore keeps one of equal names in the query of a link.
            if Set(linked.query.map { $0[0] }).count < linked.query.count { continue }
            linked.expires = [1, 60, 86_400, 604_800][index % 4]
            linked.method = "GET"
            if index % 3 == 0 {
                linked.query.append(["response-content-disposition", "attachment; filename*=UTF-8''%E5%AF%BC.zip"])
            }
            cases.append(linked)
        }
        try #require(cases.count > 60)
        for (ours, theirs) in zip(cases, try await botocore(cases)) {
            let link = ours.signer.link(to: ours.request, lasting: ours.expires ?? 0, at: ours.time)
            // The order of a query's parts is not what counts.
            #expect(parts(link) == parts(theirs), "\(ours.path) \(ours.query)")
        }
    }

    @Test func aLinkLastsAWeekAtMost() {
        let link = Case().signer.link(to: Case().request, lasting: 30 * 86_400, at: 0)
        #expect(link.contains("X-Amz-Expires=604800&"))
        #expect(link.contains("X-Amz-Date=19700101T000000Z"))
    }

    @Test func credentialsAreNeverPrinted() {
        let credentials = S3Credentials(accessKey: "AKID", secretKey: "hidden", sessionToken: "hidden too")
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), dumped, "\([credentials])"] {
            #expect(!text.contains("hidden") && !text.contains("AKID"))
        }
    }

    private func parts(_ url: String) -> [String] {
        let pieces = url.split(separator: "?", maxSplits: 1)
        return [String(pieces[0])] + (pieces.count > 1 ? pieces[1].split(separator: "&").map(String.init).sorted() : [])
    }

    private func botocore(_ cases: [Case]) async throws -> [String] {
        let python = try await pythonWithPackages(["botocore==1.44.5"])
        let lines = try cases.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/botocore_signatures.py"
        let result = try await runSuccessfully(
            python, [script], environment: ["PYTHONUTF8": "1"],
            input: Array((lines.joined(separator: "\n") + "\n").utf8))
        let answers = result.standardOutput.split(separator: "\n").map(String.init)
        try #require(answers.count == cases.count)
        return answers
    }
}
