import Foundation
import JSONBytes
import TestSupport
import Testing

/// Where the real program keeps finished files: `--artifacts`.
struct ArtifactPlaceTests {
    private let credentials = ["AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "a secret of the test"]

    @Test func filesOfABucketAreDownloadedLikeOthersUntilItIsGone() async throws {
        let directory = try TemporaryDirectory()
        let moto = try await MotoStore()
        let system = try await PailouProcess.start(
            in: directory.path("data"), ["--artifacts", "s3://\(moto.bucket)/team"],
            environment: credentials.merging(["PAILOU_EXPORT_ARTIFACTS_ENDPOINT": moto.endpoint]) { $1 })
        let client = ExportClient(baseURL: system.exportURL)
        let source = system.exportURL + "/demo/page?total=20000"
        let detail = try await client.finished(
            client.submit(ExportClient.body(source: source, title: "in a bucket", limit: 1_000)))
        #expect(detail["status"]?.integer == 2, "\(detail)")
        let link = try #require(detail["down_url"]?.string)
        #expect(link.hasPrefix(system.exportURL + "/v1/down/"))
        let whole = try await HTTP.get(link)
        #expect(whole.status == 200 && whole.body.count == detail["bytes"]?.integer)
        #expect(whole.body.starts(with: Array("PK".utf8)))
        #expect(!FileManager.default.fileExists(atPath: directory.path("data/export/artifacts")))

        await moto.stop()
        let refused = try await HTTP.get(link)
        #expect(refused.status == 503 && refused.header("retry-after") != nil)
        let result = try await system.stop()
        #expect(!result.standardError.contains("a secret of the test"))
    }

    @Test func aPresignedLinkLeadsToTheBucketItself() async throws {
        let directory = try TemporaryDirectory()
        let moto = try await MotoStore()
        let system = try await PailouProcess.start(
            in: directory.path("data"), ["--artifacts", "s3://\(moto.bucket)"],
            environment: credentials.merging([
                "PAILOU_EXPORT_ARTIFACTS_ENDPOINT": moto.endpoint, "PAILOU_EXPORT_ARTIFACTS_LINKS": "true",
            ]) { $1 })
        let client = ExportClient(baseURL: system.exportURL)
        let detail = try await client.finished(
            client.submit(ExportClient.body(source: system.exportURL + "/demo/page?total=10", title: "linked")))
        let link = try #require(detail["down_url"]?.string)
        #expect(link.hasPrefix("\(moto.endpoint)/\(moto.bucket)/2") && link.contains("X-Amz-Signature="))
        #expect(try await HTTP.get(link).status == 200)
        try await system.stop()
        await moto.stop()
    }

    @Test func twoSystemsShareADirectory() async throws {
        let directory = try TemporaryDirectory()
        // Another file system than the data directories'.
        let shared = "/dev/shm/pailou-test-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: shared) }
        var systems: [PailouProcess] = []
        for name in ["one", "two"] {
            systems.append(
                try await PailouProcess.start(
                    in: directory.path(name), ["--artifacts", shared],
                    environment: ["PAILOU_EXPORT_ALLOWED_SOURCES": "127.0.0.0/8"]))
        }
        for system in systems {
            let client = ExportClient(baseURL: system.exportURL)
            let source = systems[0].exportURL + "/demo/page?total=10"
            let detail = try await client.finished(
                client.submit(ExportClient.body(source: source, title: "shared")))
            // The same request has the same key everywhere, yet each has a file of its own.
            let bytes = try #require(detail["bytes"]?.integer, "\(detail)")
            #expect(try await HTTP.get(#require(detail["down_url"]?.string)).body.count == bytes)
        }
        let files = try FileManager.default.subpathsOfDirectory(atPath: shared).filter { $0.hasSuffix(".zip") }
        #expect(files.count == 2)
        for system in systems { try await system.stop() }
    }

    @Test func aStoreThatCannotBeUsedIsToldAtTheStart() async throws {
        let directory = try TemporaryDirectory()
        let moto = try await MotoStore()
        try directory.write("in the way", to: "file")
        let endpoint = ["PAILOU_EXPORT_ARTIFACTS_ENDPOINT": moto.endpoint]
        let cases: [(place: String, environment: [String: String], text: String)] = [
            ("s3://nobodys/x", endpoint.merging(credentials) { $1 }, "NoSuchBucket"),
            ("s3://exports/x", endpoint, "AWS_ACCESS_KEY_ID"),
            ("s3://exports/../x", endpoint, "expected a directory, or s3://BUCKET/PREFIX"),
            ("ftp://exports", [:], "expected a directory, or s3://BUCKET/PREFIX"),
            (directory.path("file/below"), [:], "cannot create"),
            (
                "s3://exports", endpoint.merging(["PAILOU_EXPORT_ARTIFACTS_CREDENTIALS_FILE": "/nowhere"]) { $1 },
                "/nowhere: expected a readable file"
            ),
        ]
        for (place, environment, text) in cases {
            let result = try await runProcess(
                PailouProcess.program,
                ["serve", "--ephemeral", "--data-dir", directory.path("data"), "--artifacts", place],
                environment: environment)
            #expect(result.status == 78, "\(place): \(result.standardError)")
            #expect(result.standardError.contains(text), "\(result.standardError)")
        }
        await moto.stop()
    }
}
