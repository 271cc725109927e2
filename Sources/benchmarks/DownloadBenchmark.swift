import ArgumentParser
import Foundation
import Logging
import NIOCore
import NIOPosix
import RPC
import TestSupport

/// A large artefact on its way to one client.
struct DownloadBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "download",
        abstract: "A large file through gateway and RPC, and through RPC alone, beside nginx serving the same file.",
        discussion: """
            nginx hands the file to the kernel (sendfile) and has no hop behind it; the file is in the page cache. The \
            HTTP client is one thread that keeps nothing.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Size of the file.", valueName: "MiB"))
    var size = 256

    func run() async throws {
        Report.begin("download: \(size) MiB")
        guard Nginx.isInstalled else { return Report.absent(Nginx.absence) }
        try await using(ReleaseSystem.start(common)) { system in
            let facade = try system.facade("export")
            let artifact = try await makeArtifact(system, facade)
            try await using(Nginx.startFiles(in: system.path("export/artifacts"))) { nginx in
                try await measure(artifact, system, facade, nginx)
            }
        }
    }

    private func measure(
        _ artifact: Artifact, _ system: ReleaseSystem, _ facade: String, _ nginx: Nginx
    ) async throws {
        let (host, port) = try system.rpc("export")
        let client = RPCClient(
            host: host, port: port, group: MultiThreadedEventLoopGroup.singleton, logger: Logger(label: "benchmarks"))
        let ways: [(name: String, trees: [ProcessTree], read: () async throws -> Int)] = [
            ("nginx, the file", nginx.trees, { try BlockingHTTP(nginx.address).get(artifact.storedPath) }),
            ("gateway → RPC", [system.tree], { try BlockingHTTP(facade).get("/v1/down" + artifact.path) }),
            ("RPC alone, async client", [system.tree], { try await read(artifact, client) }),
        ]
        let rounds = try await interleaved(
            rounds: common.rounds, ways.map { way in { _ in try await transfer(way.trees, way.read) } })
        await client.close()
        for (way, rounds) in zip(ways, rounds) {
            let speed = Report.number(rounds.median { $0.speed })
            let cost = Report.number(rounds.median { $0.processorTime }, digits: 2)
            Report.line("\(way.name): \(speed) MB/s, \(cost) s of processor a GB at the server")
        }
        let speeds = rounds.map { $0.median { $0.speed } }
        Report.ratio("gateway / nginx", speeds[1] / speeds[0], expected: "–")
        Report.ratio("gateway, GB/s", speeds[1] / 1_000, expected: "≥ 1")
    }

    private typealias Transfer = (speed: Double, processorTime: Double)

    /// MB/s, and the servers' seconds of processor for a GB.
    private func transfer(_ trees: [ProcessTree], _ read: () async throws -> Int) async throws -> Transfer {
        func processorTime() throws -> Double { try trees.reduce(0) { try $0 + $1.processorTime() } }
        let before = try processorTime()
        var octets = 0
        let time = try await seconds { octets = try await read() }
        guard octets == size << 20 else { throw BenchmarkError("expected \(size << 20) octets, found \(octets)") }
        return (Double(octets) / time / 1e6, (try processorTime() - before) / Double(octets) * 1e9)
    }

    private func read(_ artifact: Artifact, _ client: RPCClient) async throws -> Int {
        var octets = 0
        for try await chunk in try await client.stream("export.artifact.read", artifact.params) {
            octets += chunk.readableBytes
        }
        return octets
    }

    /// Where a finished file is.
    private struct Artifact {
        /// `/month/day/file`
        var path: String
        /// The same as it is stored: every run of an export has a file of its own.
        var storedPath: String

        var params: ByteBuffer {
            let parts = path.split(separator: "/")
            return ByteBuffer(string: #"{"month":"\#(parts[0])","day":"\#(parts[1])","file":"\#(parts[2])"}"#)
        }
    }

    /// A small export whose file is then made large: only its octets are served, never read as a zip.
    private func makeArtifact(_ system: ReleaseSystem, _ facade: String) async throws -> Artifact {
        let record = try await ExportClient(facade: facade).smallExport().record
        guard let range = record.down_url.range(of: "/v1/down/") else {
            throw BenchmarkError("expected a download link, found \(record.down_url)")
        }
        let path = "/" + record.down_url[range.upperBound...]
        let directory = String(path.prefix(through: path.lastIndex(of: "/") ?? path.startIndex))
        let names = try FileManager.default.contentsOfDirectory(atPath: system.path("export/artifacts" + directory))
        guard let name = names.first(where: { $0.hasSuffix(".zip") }) else {
            throw BenchmarkError("expected a finished file in \(directory), found \(names)")
        }
        let storedPath = directory + name
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: system.path("export/artifacts" + storedPath)))
        defer { try? file.close() }
        var random = SystemRandomNumberGenerator()
        let block = Data((0..<(1 << 17)).flatMap { _ in withUnsafeBytes(of: random.next() as UInt64) { Array($0) } })
        for _ in 0..<size { try file.write(contentsOf: block) }
        return Artifact(path: path, storedPath: storedPath)
    }
}
