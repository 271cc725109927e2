import Artifacts
import HTTPFetch
import S3Client
import TestSupport
import Testing

/// What a store does, by moto's S3, which knows buckets, parts, ranges and listings but takes every signature.
@Suite(.serialized) struct S3StoreTests {
    private func withMoto(_ body: (MotoStore, TemporaryDirectory) async throws -> Void) async throws {
        let moto = try await MotoStore()
        do {
            try await body(moto, TemporaryDirectory())
            await moto.stop()
        } catch {
            await moto.stop()
            throw error
        }
    }

    @Test func filesAreKeptWholeOrInPartsReadInRangesListedAndRemoved() async throws {
        try await withMoto { moto, directory in
            let store = try s3Store(moto.endpoint, prefix: "team/a_b/")
            try await store.prepare()
            let large = pattern((5 << 20) * 2 + 12_345)
            for (name, octets) in [("202611/20/small.zip", pattern(1_000)), ("202611/21/large.zip", large)] {
                try await store.publish(file: directory.write(octets, to: "file"), as: name)
                let artifact = try await store.open(name)
                #expect(artifact.size == octets.count && artifact.modified > 1_700_000_000 && !artifact.tag.isEmpty)
                #expect(try await ArtifactsTests.octets(of: artifact) == octets)
                #expect(try await ArtifactsTests.octets(of: artifact, 7..<999) == Array(octets[7..<999]))
            }
            let across = try await ArtifactsTests.octets(of: store.open("202611/21/large.zip"), 4_000_000..<9_000_001)
            #expect(across == Array(large[4_000_000..<9_000_001]))

            let other = try s3Store(moto.endpoint, prefix: "team/")
            #expect(try await names(in: store, batch: 1) == ["202611/20/small.zip", "202611/21/large.zip"])
            #expect(try await names(in: store, below: "202611/21") == ["202611/20/small.zip"])
            #expect(try await names(in: store, writtenBefore: 1_000) == [])
            #expect(try await names(in: other) == ["a_b/202611/20/small.zip", "a_b/202611/21/large.zip"])
            try await store.remove(["202611/20/small.zip", "202611/21/large.zip", "202611/21/never.zip"])
            #expect(try await names(in: store) == [])
            await #expect { try await store.open("202611/21/large.zip") } throws: {
                ($0 as? ArtifactError)?.kind == .missing
            }
        }
    }

    @Test func abandonedUploadsAreSweptAndThoseOfTheLivingAreNot() async throws {
        try await withMoto { moto, directory in
            let store = try s3Store(moto.endpoint, prefix: "p/")
            let ended = try await beginUpload(at: moto, "p/202611/21/a.zip")
            #expect(try await store.removeUnfinished(begunBefore: 1_000) == 0)
            #expect(try await s3Store(moto.endpoint, prefix: "q/").removeUnfinished(begunBefore: .max) == 0)
            #expect(try await store.removeUnfinished(begunBefore: .max) == 1)
            #expect(try await store.removeUnfinished(begunBefore: .max) == 0)
            #expect(try await names(in: store) == [])
            #expect(ended == 200)
        }
    }

    @Test func aLinkLeadsToTheFileUnderItsTitle() async throws {
        try await withMoto { moto, directory in
            let plain = try s3Store(moto.endpoint)
            #expect(plain.link(to: "202611/21/a.zip", called: "a.zip", lasting: .seconds(60)) == nil)
            let store = try s3Store(moto.endpoint) { $1.givesLinks = true }
            try await store.publish(file: directory.write(pattern(100), to: "file"), as: "202611/21/a.zip")
            let link = try #require(store.link(to: "202611/21/a.zip", called: "导出 1.zip", lasting: .seconds(60)))
            let fetcher = try CurlFetcher()
            let answer = try await fetcher.fetch(HTTPFetchRequest(url: link, policy: nil))
            await fetcher.shutdown()
            #expect(answer.status == 200 && answer.body == pattern(100))
            let title = "attachment%3B%20filename%2A%3DUTF-8%27%27%25E5%25AF%25BC%25E5%2587%25BA%25201.zip"
            #expect(link.contains("response-content-disposition=\(title)&"))
        }
    }

    @Test func aBucketThatIsNotThereIsRefused() async throws {
        try await withMoto { moto, _ in
            let store = try s3Store(moto.endpoint, bucket: "nobodys")
            await #expect { try await store.prepare() } throws: { error in
                (error as? ArtifactError)?.kind == .refused && "\(error)".contains("NoSuchBucket")
            }
        }
    }

    /// Begins an upload as a process does that dies then.
    private func beginUpload(at moto: MotoStore, _ key: String) async throws -> Int {
        let fetcher = try CurlFetcher()
        let request = HTTPFetchRequest(
            method: "POST", url: "\(moto.endpoint)/\(moto.bucket)/\(key)?uploads=", policy: nil)
        let status = try await fetcher.fetch(request).status
        await fetcher.shutdown()
        return status
    }
}
