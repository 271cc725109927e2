import Artifacts
import Glibc
import HTTPFetch
import S3Client
import TestSupport
import Testing

/// A store that fails: what is seen afterwards is the whole file or nothing, and nothing is left behind.
@Suite struct FaultTests {
    private let directory: TemporaryDirectory
    private static let partBytes = 256 << 10
    /// Three parts.
    private let octets = pattern(partBytes * 2 + 99)

    init() throws { directory = try TemporaryDirectory() }

    /// Publishes the file to a store with that fault; answers what came of it.
    private func publish(
        _ fault: @escaping FaultyStore.Fault,
        _ change: (inout S3Configuration, inout S3ArtifactStore.Options) -> Void = { _, _ in },
        _ judge: (FaultyStore, ArtifactError?) async throws -> Void
    ) async throws {
        let faulty = try await FaultyStore(fault: fault)
        let store = try s3Store(faulty.server.url, partBytes: Self.partBytes, change)
        let file = try directory.write(octets, to: "file")
        var failure: ArtifactError?
        do throws(ArtifactError) {
            try await store.publish(file: file, as: "202611/21/a.zip")
        } catch {
            failure = error
        }
        try await judge(faulty, failure)
        #expect(faulty.uploadCount == 0)
        await faulty.server.close()
    }

    @Test(
        "what passes is tried again",
        arguments: [
            FaultyStore.refusal(503, "SlowDown"), FaultyStore.refusal(500, "InternalError"), .status(502), .status(429),
            .drop, HTTPTestAnswer(body: .cut([1], declared: 100)), FaultyStore.refusal(400, "RequestTimeout"),
        ])
    func passing(fault: HTTPTestAnswer) async throws {
        // Everything fails once: to begin, each part, to complete, and the first range.
        try await publish({ request, earlier in earlier == 0 && request.method != "HEAD" ? fault : nil }) {
            faulty, error in
            #expect(error == nil)
            #expect(faulty.objects["/exports/202611/21/a.zip"]?.octets == octets)
            let store = try s3Store(faulty.server.url, partBytes: Self.partBytes)
            #expect(try await ArtifactsTests.octets(of: store.open("202611/21/a.zip")) == octets)
        }
    }

    @Test(
        "what lasts ends the upload and leaves nothing",
        arguments: [
            ("partNumber=2", FaultyStore.refusal(503, "SlowDown"), ArtifactError.Kind.unavailable),
            ("partNumber=2", FaultyStore.refusal(403, "AccessDenied"), .refused),
            ("partNumber=3", .drop, .unavailable),
            ("partNumber=1", .status(200), .unavailable),  // without a tag
            ("partNumber=2", .status(200, headers: [("ETag", "\"another\"")]), .refused),
            ("uploadId=upload-0", FaultyStore.refusal(200, "InternalError"), .unavailable),
            ("uploads=", FaultyStore.refusal(403, "InvalidAccessKeyId"), .refused),
            ("uploads=", FaultyStore.xml("<InitiateMultipartUploadResult/>"), .unavailable),
        ])
    func lasting(target: String, fault: HTTPTestAnswer, kind: ArtifactError.Kind) async throws {
        try await publish({ request, _ in
            request.method != "DELETE" && request.target.contains(target) ? fault : nil
        }) { faulty, error in
            #expect(error?.kind == kind, "\(String(describing: error))")
            #expect(faulty.objects.isEmpty)
        }
    }

    @Test func aSuccessThatHoldsAnErrorIsNone() async throws {
        try await publish({ request, earlier in
            // S3 says 200 before it knows, and the error comes in the body.
            let isCompletion = request.method == "POST" && request.query["uploadId"] != nil
            return isCompletion && earlier < 2 ? FaultyStore.refusal(200, "InternalError") : nil
        }) { faulty, error in
            #expect(error == nil)
            #expect(faulty.objects.values.first?.octets == octets)
        }
    }

    @Test func aCompletionWhoseAnswerGotLostIsFoundOut() async throws {
        let inner = try await FaultyStore()
        let relay = Shared(false)
        let faulty = try await HTTPTestServer { request in
            // The store completes; its answer is lost; the next try finds no upload any more.
            let isCompletion = request.method == "POST" && request.query["uploadId"] != nil
            let fetcher = try? CurlFetcher()
            let headers = request.headers.filter { header in
                ["x-amz-meta-pailou-upload", "range", "if-match", "content-type"].contains(header.name.lowercased())
            }
            let answer = try? await fetcher?.fetch(
                HTTPFetchRequest(
                    method: request.method, url: inner.server.url + request.target, headers: headers,
                    body: ["PUT", "POST"].contains(request.method) ? request.body : nil, policy: nil))
            await fetcher?.shutdown()
            guard let answer,
                !isCompletion
                    || relay.change({
                        let was = $0; $0 = true; return was
                    })
            else { return .drop }
            let kept = answer.headers.filter {
                !["content-length", "transfer-encoding"].contains($0.name.lowercased())
            }
            let length = answer.header("content-length").flatMap { Int($0) } ?? 0
            let body = request.method == "HEAD" ? [UInt8](repeating: 0, count: length) : answer.body
            return HTTPTestAnswer(status: answer.status, headers: kept, body: .bytes(body))
        }
        let store = try s3Store(faulty.url, partBytes: Self.partBytes)
        try await store.publish(file: directory.write(octets, to: "file"), as: "202611/21/a.zip")
        #expect(inner.objects.values.first?.octets == octets)
        #expect(faulty.requests.filter { $0.method == "POST" && $0.query["uploadId"] != nil }.count == 2)
        await faulty.close()
        await inner.server.close()
    }

    @Test func partsAreGivenBackWhenThePublisherIsCancelled() async throws {
        let gate = Gate()
        let faulty = try await FaultyStore { request, _ in
            if request.query["partNumber"] == "2" { await gate.wait() }
            return nil
        }
        let store = try s3Store(faulty.server.url, partBytes: Self.partBytes)
        let file = try directory.write(octets, to: "file")
        let task = Task { try await store.publish(file: file, as: "202611/21/a.zip") }
        try await eventually("a part at the gate") { gate.waitingCount == 1 }
        task.cancel()
        await #expect { try await task.value } throws: { ($0 as? ArtifactError)?.kind == .cancelled }
        #expect(faulty.uploadCount == 0 && faulty.objects.isEmpty)
        gate.open()
        await faulty.server.close()
    }

    @Test func anOutageIsWaitedForWithAFinishedFile() async throws {
        let isDown = Shared(true)
        let faulty = try await FaultyStore { request, earlier in
            if isDown.value, earlier == 6 { isDown.change { $0 = false } }
            return isDown.value ? FaultyStore.refusal(503, "SlowDown") : nil
        }
        let store = try s3Store(faulty.server.url, partBytes: Self.partBytes) {
            $0.retries.triesMax = 2
            $1.publishDuration = .seconds(60)
            $1.publishInterval = .milliseconds(1)
        }
        try await store.publish(file: directory.write(octets, to: "file"), as: "202611/21/a.zip")
        #expect(faulty.objects.values.first?.octets == octets)
        await faulty.server.close()
    }

    @Test func aFileThatShrinksWhileItIsSentIsNotPublished() async throws {
        let file = try directory.write(octets, to: "file")
        let faulty = try await FaultyStore { request, _ in
            if request.query["uploads"] != nil { truncate(file, off_t(Self.partBytes + 1_000)) }
            return nil
        }
        await #expect {
            try await s3Store(faulty.server.url, partBytes: Self.partBytes).publish(file: file, as: "202611/21/a.zip")
        } throws: {
            "\($0)".contains("ended early")
        }
        #expect(faulty.uploadCount == 0 && faulty.objects.isEmpty)
        await faulty.server.close()
    }

    @Test func anObjectThatIsReplacedWhileItIsReadIsNotMixed() async throws {
        let faulty = try await FaultyStore()
        let store = try s3Store(faulty.server.url, partBytes: Self.partBytes)
        try await store.publish(file: directory.write(octets, to: "file"), as: "202611/21/a.zip")
        let artifact = try await store.open("202611/21/a.zip")
        try await store.publish(file: directory.write(pattern(100), to: "file"), as: "202611/21/a.zip")
        await #expect { try await ArtifactsTests.octets(of: artifact) } throws: {
            ($0 as? ArtifactError)?.kind == .damaged
        }
        await faulty.server.close()
    }

    @Test func everySignatureIsMadeAnewFromTheFileAsItIsNow() async throws {
        let file = try directory.write("[default]\naws_access_key_id = ONE\naws_secret_access_key = a\n", to: "keys")
        let faulty = try await FaultyStore()
        let store = try s3Store(faulty.server.url, credentials: S3CredentialSource(file: file))
        try await store.remove(["a"])
        try directory.write(
            "# rotated\n[other]\naws_access_key_id=NO\n[default]\naws_access_key_id=TWO\naws_secret_access_key=b\n"
                + "aws_session_token=token", to: "keys")
        try await store.remove(["a"])
        try directory.write("nothing of use", to: "keys")
        try await store.remove(["a"])
        let proofs = faulty.server.requests.map { $0.header("authorization") ?? "" }
        #expect(proofs.map { $0.contains("Credential=ONE/") } == [true, false, false])
        #expect(proofs.map { $0.contains("Credential=TWO/") } == [false, true, true])
        #expect(faulty.server.requests.map { $0.header("x-amz-security-token") } == [nil, "token", "token"])
        #expect(!faulty.server.requests.contains { $0.headers.contains { $0.value.contains("hidden") } })
        await faulty.server.close()
    }
}
