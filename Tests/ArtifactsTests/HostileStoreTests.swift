import Artifacts
import HTTPFetch
import S3Client
import TestSupport
import Testing

/// A store that means harm: it costs bounded time and memory, and learns nothing.
@Suite struct HostileStoreTests {
    private func prepare(_ answer: HTTPTestAnswer, _ judge: (ArtifactError, HTTPTestServer) -> Void) async throws {
        let server = try await HTTPTestServer { _ in answer }
        let store = try s3Store(server.url) { configuration, _ in
            configuration.retries.triesMax = 2
            configuration.answerBytesMax = 1 << 20
            configuration.requestDuration = .seconds(1)
        }
        do throws(ArtifactError) {
            try await store.prepare()
            Issue.record("expected an error")
        } catch {
            judge(error, server)
        }
        await server.close()
    }

    @Test(
        "answers that cannot be read",
        arguments: [
            HTTPTestAnswer.endless("<Contents>"), .endless(" "), .gzipBomb(decodedBytes: 64 << 20), .text("no XML"),
            .text(
                "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><ListBucketResult>&b;</ListBucketResult>"),
            .text("<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><ListBucketResult/>"), .text("<AnotherResult/>"),
            .text(String(repeating: "<a>", count: 300_000)), HTTPTestAnswer(body: .raw(Array("HTTP/9 x\r\n\r\n".utf8))),
            HTTPTestAnswer(body: .drip(Array(repeating: [32], count: 100), pause: .milliseconds(100))),
        ])
    func unreadable(answer: HTTPTestAnswer) async throws {
        try await prepare(answer) { error, server in
            #expect(error.kind == .unavailable)
            #expect(server.requests.count <= 2)
        }
    }

    @Test(arguments: [301, 302, 307, 308])
    func redirectsAreNotFollowedAndNobodyElseIsShownASignature(status: Int) async throws {
        let thief = try await HTTPTestServer { _ in .text("<ListBucketResult/>") }
        try await prepare(.redirect(to: thief.url + "/exports/", status: status)) { error, server in
            #expect(error.kind == .refused && error.description.contains("redirects are not followed"))
            #expect(server.requests.count == 1)
        }
        #expect(thief.requests.isEmpty)
        await thief.close()
    }

    @Test func aListThatNeverEndsIsLeft() async throws {
        let server = try await HTTPTestServer { _ in
            .text(
                "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>again</NextContinuationToken>"
                    + "<Contents><Key>evil/../x</Key><Size>1</Size><LastModified>2020-01-01T00:00:00.000Z</LastModified>"
                    + "</Contents></ListBucketResult>")
        }
        let store = try s3Store(server.url, prefix: "ours/")
        #expect(try await names(in: store) == [])
        #expect(server.requests.count == 2)
        await server.close()
    }

    @Test func whatARefusalSaysIsCutAndOnOneLine() async throws {
        let words = String(repeating: "&#10;word", count: 1_000)
        try await prepare(FaultyStore.refusal(403, "Code\nTwo", words)) { error, _ in
            #expect(error.kind == .refused)
            #expect(error.description.count < 400 && !error.description.contains("\n"))
        }
    }

    @Test(
        "ranges that are not what was asked for",
        arguments: [
            HTTPTestAnswer(status: 200, headers: [("ETag", "\"t\"")], body: .bytes(pattern(100))),
            HTTPTestAnswer(
                status: 206, headers: [("ETag", "\"t\""), ("Content-Range", "bytes 50-99/100")],
                body: .bytes(pattern(100))),
            HTTPTestAnswer(
                status: 206, headers: [("ETag", "\"t\""), ("Content-Range", "bytes 0-99/100")],
                body: .bytes(pattern(99))),
            HTTPTestAnswer(
                status: 206, headers: [("ETag", "\"u\""), ("Content-Range", "bytes 0-99/100")],
                body: .bytes(pattern(100))),
            .endless(),
        ])
    func wrongRanges(answer: HTTPTestAnswer) async throws {
        let server = try await HTTPTestServer { request in
            request.method == "HEAD"
                ? HTTPTestAnswer(headers: [("ETag", "\"t\"")], body: .bytes(pattern(100))) : answer
        }
        let store = try s3Store(server.url) { configuration, _ in configuration.retries.triesMax = 1 }
        let artifact = try await store.open("a")
        await #expect(throws: ArtifactError.self) { try await octets(of: artifact) }
        await server.close()
    }
}
