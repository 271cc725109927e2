import Database
import JSONBytes
import JobQueue
import Logging
import NIOCore
import NIOPosix
import RPC
import ScrapeService
import ServiceContracts
import StoreTesting
import TestSupport
import XAPI

/// The whole service behind a real RPC server on port 0, with a store in a directory of its own, and a real server of
/// the X API.
final class ScrapeHarness: Sendable {
    let x: XAPITestServer
    let client: RPCClient
    let methods: RPCMethods
    let directory: TemporaryDirectory
    private let database: any Database
    private let tasks: [Task<Void, Never>]

    init(
        on engine: StoreEngine = .sqlite, in directory: TemporaryDirectory? = nil, x: XAPITestServer,
        _ change: (inout ScrapeConfiguration) -> Void = { _ in }
    ) async throws {
        self.x = x
        let directory = try directory ?? TemporaryDirectory()
        var configuration = ScrapeConfiguration(
            dataDirectory: directory.path, secretKeys: "a key of a test, long enough to be one")
        configuration.api.baseURL = x.url
        configuration.api.delayFirst = .milliseconds(1)
        configuration.bearerToken = "secret-token"
        configuration.allowedProxies = ["127.0.0.0/8"]
        change(&configuration)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        database = try await engine.open(in: directory, logger: logger)
        let service = try ScrapeService(configuration: configuration, database: database, logger: logger)
        try await service.start()
        methods = service.methods()
        let group = MultiThreadedEventLoopGroup.singleton
        let server = RPCServer(methods: methods, configuration: .init(), group: group, logger: logger)
        let port = try await server.start().port!
        client = RPCClient(host: "127.0.0.1", port: port, group: group, logger: logger)
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

    func call(_ method: String, _ params: JSONValue) async throws -> JSONValue {
        let result = try await client.call(method, ByteBuffer(bytes: params.bytes))
        return try JSONValue(parsing: result.readableBytesView)
    }

    /// The error that a call ends with.
    func refusal(_ method: String, _ params: JSONValue) async throws -> RPCError {
        do {
            let answer = try await call(method, params)
            throw Unexpected("expected an error, found \(answer)")
        } catch let error as RPCError {
            return error
        }
    }

    /// Makes a task; answers its id.
    func task(
        _ type: ScrapeTaskType = .userTweets, _ parameters: JSONValue = ["username": "elonmusk", "limit": 250],
        _ others: [JSONMember] = []
    ) async throws -> String {
        let draft: [JSONMember] = [
            JSONMember("task_name", "t"), JSONMember("task_type", .string(type.rawValue)),
            JSONMember("parameters", parameters), JSONMember("user_id", "user-1"),
        ]
        return try await call("scrape.task.create", .object(draft + others))["id"]?.string ?? ""
    }

    func get(_ task: String) async throws -> JSONValue { try await call("scrape.task.get", ["task_id": .string(task)]) }

    @discardableResult
    func start(_ task: String) async throws -> JSONValue {
        try await call("scrape.task.start", ["task_id": .string(task)])
    }

    func change(_ task: String, _ changes: JSONValue) async throws {
        _ = try await call("scrape.task.update", ["task_id": .string(task), "changes": changes])
    }

    /// The task once it does not run any more.
    @discardableResult
    func ended(_ task: String, within limit: Duration = .seconds(60)) async throws -> JSONValue {
        try await eventually(within: limit, "the end of \(task)") { try await self.get(task)["status"] != "RUNNING" }
        return try await get(task)
    }

    /// Starts a task, waits for its end, and answers all its results' data.
    func run(_ task: String) async throws -> [JSONValue] {
        try await start(task)
        try await ended(task)
        return try await data(of: task)
    }

    /// Data of all results.
    func data(of task: String) async throws -> [JSONValue] {
        var data: [JSONValue] = []
        while true {
            let page = try await call(
                "scrape.result.list",
                ["task_id": .string(task), "skip": .number(String(data.count)), "limit": 1_000])
            let items = page["items"]?.elements ?? []
            data += items.compactMap { $0["data"] }
            if items.isEmpty { return data }
        }
    }

    /// Executions of a task, newest first.
    func executions(of task: String) async throws -> [JSONValue] {
        try await call("scrape.execution.history", ["task_id": .string(task)]).elements ?? []
    }

    /// An export's whole file.
    func export(_ task: String, _ format: String) async throws -> (content: RPCContent, octets: [UInt8]) {
        let params: JSONValue = ["task_id": .string(task), "format": .string(format)]
        let stream = try await client.stream(ScrapeMethods.export, ByteBuffer(bytes: params.bytes))
        var octets: [UInt8] = []
        for try await piece in stream { octets.append(contentsOf: piece.readableBytesView) }
        return (stream.content, octets)
    }
}

/// Something a test did not expect.
struct Unexpected: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Runs `body` with a service and stops it afterwards, whatever happened.
func withScraper(
    on engine: StoreEngine = .sqlite, world: XWorld = .usual, _ behaviour: XAPIBehaviour = .init(),
    _ change: (inout ScrapeConfiguration) -> Void = { _ in }, _ body: (ScrapeHarness) async throws -> Void
) async throws {
    let x = try await XAPITestServer(world: world, behaviour)
    let harness = try await ScrapeHarness(on: engine, x: x, change)
    do {
        try await body(harness)
    } catch {
        await harness.stop()
        await x.close()
        throw error
    }
    await harness.stop()
    await x.close()
}
