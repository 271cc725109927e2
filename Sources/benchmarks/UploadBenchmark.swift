import ArgumentParser
import Artifacts
import Foundation
import HTTPFetch
import S3Client
import TestSupport

/// Finished files brought into an S3-compatible store, beside Amazon's own client for Python.
struct UploadBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upload",
        abstract: "Megabytes per second and memory of an upload in parts, beside boto3.",
        discussion: """
            The store is moto's server on this machine, which holds everything in memory and answers from one Python \
            process: the rate is its own as much as ours, so the ratio counts. Both send parts of the same size.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Size of the file.", valueName: "MiB"))
    var megabytes = 256

    func run() async throws {
        Report.begin("upload: a file of \(megabytes) MiB")
        let directory = try TemporaryDirectory(prefix: "pailou-benchmark")
        defer { directory.close() }
        let moto = try await MotoStore()
        let file = directory.path("file")
        try Data((0..<(megabytes << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }).write(
            to: URL(fileURLWithPath: file))
        let memory = ProcessMemory(pid: getpid())
        var growth: [Double] = []
        let store = try Self.store(moto)
        let result = try await compare(rounds: common.rounds) { round in
            try await boto(file, to: moto, in: directory)
        } ours: { round in
            try memory.resetPeak()
            let before = try memory.resident()
            let time = try await seconds { try await store.publish(file: file, as: "round-\(round).zip") }
            growth.append(try memory.peak() - before)
            return Double(megabytes) / time
        }
        await moto.stop()
        Report.line("boto3: \(Report.number(result.baseline)) MiB/s")
        Report.line("ours: \(Report.number(result.ours)) MiB/s, memory + \(Report.number(growth.median / 1024)) MiB")
        Report.ratio("rate, ours / boto3", result.ours / result.baseline, expected: "≥ 1")
    }

    private static func store(_ moto: MotoStore) throws -> S3ArtifactStore {
        let configuration = S3Configuration(
            endpoint: moto.endpoint, region: "us-east-1", bucket: moto.bucket, usesPathStyle: true)
        let client = S3Client(
            configuration: configuration,
            credentials: S3CredentialSource(S3Credentials(accessKey: "test", secretKey: "test")),
            http: try CurlFetcher())
        return S3ArtifactStore(client: client, options: .init())
    }

    /// MiB per second.
    private func boto(_ file: String, to moto: MotoStore, in directory: TemporaryDirectory) async throws -> Double {
        let part = S3Configuration(endpoint: moto.endpoint, region: "", bucket: "", usesPathStyle: true).partBytes
        let script = try directory.write(Self.program, to: "upload.py")
        let words = [script, moto.endpoint, moto.bucket, file, "\(part)"]
        let result = try await runSuccessfully(try await MotoStore.python(), words, within: .seconds(300))
        guard let time = Double(result.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw BenchmarkError("expected the seconds of an upload")
        }
        return Double(megabytes) / time
    }

    private static let program = """
        import sys
        import time

        import boto3
        from boto3.s3.transfer import TransferConfig

        endpoint, bucket, file, part = sys.argv[1:]
        client = boto3.client(
            "s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
        config = TransferConfig(multipart_threshold=int(part), multipart_chunksize=int(part))
        begin = time.monotonic()
        client.upload_file(file, bucket, "boto3.zip", Config=config)
        print(time.monotonic() - begin)

        """
}
