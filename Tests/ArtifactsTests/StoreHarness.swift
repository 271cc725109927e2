import Artifacts
import Foundation
import HTTPFetch
import NIOCore
import S3Client
import TestSupport

/// Everything a file has, by way of `copy`.
func octets(of artifact: any Artifact, _ range: Range<Int>? = nil) async throws -> [UInt8] {
    var octets: [UInt8] = []
    try await artifact.copy(range ?? 0..<artifact.size) { octets += $0.readableBytesView }
    return octets
}

/// Every name of a store that was written until now.
func names(
    in store: any ArtifactStore, below bound: String = "~", writtenBefore seconds: Int = .max, batch: Int = 100
) async throws -> [String] {
    var names: [String] = []
    try await store.forEachBatch(below: bound, writtenBefore: seconds, batch: batch) { part in
        names += part
    }
    return names
}

/// Octets that differ from place to place.
func pattern(_ count: Int) -> [UInt8] {
    // A prime number of them, so that no part of a power of two looks like another.
    let block = (0..<65_521).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    var octets: [UInt8] = []
    while octets.count < count { octets += block.prefix(count - octets.count) }
    return octets
}

extension TemporaryDirectory {
    func write(_ octets: [UInt8], to name: String) throws -> String {
        try Data(octets).write(to: URL(fileURLWithPath: path(name)))
        return path(name)
    }
}

/// A store at an endpoint, with small parts and no pauses.
func s3Store(
    _ endpoint: String, bucket: String = "exports", prefix: String = "", partBytes: Int = 5 << 20,
    credentials: S3CredentialSource = S3CredentialSource(S3Credentials(accessKey: "test", secretKey: "hidden")),
    _ change: (inout S3Configuration, inout S3ArtifactStore.Options) -> Void = { _, _ in }
) throws -> S3ArtifactStore {
    var configuration = S3Configuration(
        endpoint: endpoint, region: "us-east-1", bucket: bucket, usesPathStyle: true)
    configuration.partBytes = partBytes
    var options = S3ArtifactStore.Options()
    options.prefix = prefix
    options.publishDuration = .zero
    change(&configuration, &options)
    let client = S3Client(
        configuration: configuration, credentials: credentials, http: try CurlFetcher(), sleep: { _ in })
    return S3ArtifactStore(client: client, options: options)
}
