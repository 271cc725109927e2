import Artifacts
import Glibc
import Database
import ExportService
import HTTPFetch
import JSONBytes
import JobQueue
import Logging
import NIOCore
import NIOPosix
import RPC
import ServiceContracts
import StoreTesting
import TestSupport

/// The whole service behind a real RPC server on port 0, with a store in a directory of its own.
final class ExportHarness: Sendable {
    let service: ExportService
    let client: RPCClient
    /// Of the RPC server, for plain clients.
    let port: Int
    let directory: TemporaryDirectory
    let methods: RPCMethods
    private let database: any Database
    private let tasks: [Task<Void, Never>]

    /// - Parameters:
    ///   - store: A store that is open already, and is closed at the end.
    ///   - allowed: Addresses (or CIDR blocks) that sources and callbacks may have.
    init(
        on engine: StoreEngine = .sqlite, store: (any Database)? = nil, in directory: TemporaryDirectory? = nil,
        allowing allowed: [String] = ["127.0.0.0/8"],
        _ change: (inout ExportConfiguration) -> Void = { _ in }
    ) async throws {
        let directory = try directory ?? TemporaryDirectory()
        var configuration = ExportConfiguration(dataDirectory: directory.path)
        configuration.allowedSources = allowed
        configuration.pageRetries.delayFirst = .milliseconds(1)
        configuration.jobs.outbox.backoff = [.zero, .milliseconds(5), .milliseconds(5), .milliseconds(5)]
        configuration.passwords = try PasswordKeeper(keys: "a key of a test, long enough to be one")
        change(&configuration)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let quiet = logger
        database = if let store { store } else { try await engine.open(in: directory, logger: quiet) }
        let service = try ExportService(
            configuration: configuration, database: database,
            artifacts: DirectoryArtifactStore(directory: configuration.artifactDirectory), logger: quiet)
        try await service.start()
        let methods = service.methods()
        let group = MultiThreadedEventLoopGroup.singleton
        var served = RPCServerConfiguration()
        served.gatewaySecret = "secret"
        let server = RPCServer(methods: methods, configuration: served, group: group, logger: quiet)
        port = try await server.start().port!
        var caller = RPCClientConfiguration()
        caller.role = "gateway"  // only a gateway may say which HTTP request a call stands for
        caller.gatewaySecret = "secret"
        client = RPCClient(host: "127.0.0.1", port: port, configuration: caller, group: group, logger: quiet)
        self.service = service
        self.methods = methods
        self.directory = directory
        tasks = [Task { try? await service.run() }, Task { try? await server.run() }]
    }

    /// Ends the service as a cancelled process would: what runs is given back.
    func stop() async {
        await client.close()
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
        await database.close()
    }

    /// Submits and answers the key.
    func submit(
        _ body: JSONValue, _ method: String = ExportMethods.submitHTTP, meta: RPCMeta = .init()
    ) async throws -> String {
        let answer = try await call(method, body, meta: meta)
        return try answer["hash_key"]?.string ?? { throw Unexpected("expected a key, found \(answer)") }()
    }

    func call(_ method: String, _ params: JSONValue, meta: RPCMeta = .init()) async throws -> JSONValue {
        let result = try await client.call(method, ByteBuffer(bytes: params.bytes), options: .init(meta: meta))
        return try JSONValue(parsing: result.readableBytesView)
    }

    func detail(_ key: String) async throws -> ExportDetail {
        try await client.call(ExportMethods.get, ExportKeyParameters(key: key))
    }

    /// The export once it has ended.
    func ended(_ key: String, within limit: Duration = .seconds(60)) async throws -> ExportDetail {
        var detail = try await self.detail(key)
        try await eventually(within: limit, "the end of \(key)") {
            detail = try await self.detail(key)
            return detail.summary.status != .processing
        }
        return detail
    }

    /// Submits, waits for success, downloads, and unpacks into a folder; answers its path.
    func exported(
        _ body: JSONValue, _ method: String = ExportMethods.submitHTTP, within limit: Duration = .seconds(60)
    ) async throws -> (detail: ExportDetail, folder: String) {
        let key = try await submit(body, method)
        let detail = try await ended(key, within: limit)
        guard detail.summary.status == .succeeded else { throw Unexpected("failed: \(detail.summary.failReason)") }
        let folder = directory.path("unpacked-\(key)")
        let zip = directory.path("\(key).zip")
        try await download(detail).write(to: zip)
        try await runSuccessfully("unzip", ["-q", "-o", zip, "-d", folder], environment: ["LC_ALL": "C.UTF-8"])
        return (detail, folder)
    }

    /// The octets behind `down_url`.
    func download(_ detail: ExportDetail, meta: RPCMeta = .init()) async throws -> Download {
        try await download(path: detail.downURL, meta: meta)
    }

    func download(path: String, meta: RPCMeta = .init()) async throws -> Download {
        let stream = try await open(path: path, meta: meta)
        var octets: [UInt8] = []
        for try await chunk in stream { octets.append(contentsOf: chunk.readableBytesView) }
        return Download(content: stream.content, octets: octets)
    }

    /// The byte stream behind a path like that of `down_url`.
    func open(path: String, meta: RPCMeta = .init()) async throws -> RPCStream {
        let params = try RPCCoding.encode(ExportMethods.artifactParameters(ofDownURL: path))
        return try await client.stream(ExportMethods.readArtifact, params, options: .init(meta: meta))
    }

    /// The octets behind `down_url`, read by a peer that says no hello.
    func downloadPlainly(_ detail: ExportDetail) async throws -> [UInt8] {
        var configuration = RPCClientConfiguration()
        configuration.isPlain = true
        let plain = RPCClient(
            host: "127.0.0.1", port: port, configuration: configuration, group: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test"))
        let params = try RPCCoding.encode(ExportMethods.artifactParameters(ofDownURL: detail.downURL))
        var octets: [UInt8] = []
        for try await piece in try await plain.stream(ExportMethods.readArtifact, params) {
            octets.append(contentsOf: piece.readableBytesView)
        }
        await plain.close()
        return octets
    }

    /// The finished files on the disk.
    var artifacts: [String] {
        let top = directory.path("artifacts")
        return FileTree.names(in: top).flatMap { month in
            FileTree.names(in: "\(top)/\(month)").flatMap { day in
                FileTree.names(in: "\(top)/\(month)/\(day)").map { "\(top)/\(month)/\(day)/\($0)" }
            }
        }
    }
}

/// A byte stream that has been read to its end.
struct Download {
    var content: RPCContent
    var octets: [UInt8]

    func write(to path: String) throws {
        try octets.withUnsafeBytes { bytes in
            let file = fopen(path, "wb")
            defer { fclose(file) }
            guard fwrite(bytes.baseAddress, 1, bytes.count, file) == bytes.count else { throw Unexpected("disk full") }
        }
    }
}

/// The files this process has open.
enum OpenFiles {
    static var paths: [String] {
        let folder = "/proc/self/fd"
        return FileTree.names(in: folder).compactMap { name in
            var path = [UInt8](repeating: 0, count: Int(PATH_MAX))
            let count = path.withUnsafeMutableBytes { readlink("\(folder)/\(name)", $0.baseAddress!, $0.count) }
            return count < 0 ? nil : String(decoding: path.prefix(count), as: UTF8.self)
        }
    }
}

/// Something a test did not expect.
struct Unexpected: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Runs `body` with a service and stops it afterwards, whatever happened.
func withExports<T: Sendable>(
    on engine: StoreEngine = .sqlite, store: (any Database)? = nil, in directory: TemporaryDirectory? = nil,
    allowing allowed: [String] = ["127.0.0.0/8"], _ change: (inout ExportConfiguration) -> Void = { _ in },
    _ body: (ExportHarness) async throws -> T
) async throws -> T {
    let harness = try await ExportHarness(on: engine, store: store, in: directory, allowing: allowed, change)
    do {
        let result = try await body(harness)
        await harness.stop()
        return result
    } catch {
        await harness.stop()
        throw error
    }
}
