import Database
import Idempotency
import Logging
import NIOCore
import NIOPosix
import RPC
import Synchronization
import StoreTesting
import TestSupport
import Testing

/// A store of counters behind two RPC servers, as two processes would serve it, and a clock of the test's own.
///
/// `counter.add {n}` adds to the sum in the store and answers it; it takes keys. `counter.sum` does not.
final class KeyedHarness: Sendable {
    let database: any Database
    let servers: [RPCServer]
    let ports: [Int]
    let clients: [RPCClient]
    let calls: [KeyedCalls]
    let clock = ManualClock()
    /// Work of a call with `"waits":true` stands here before its transaction.
    let gate = Gate()
    let begun = Begun()
    private let directory: TemporaryDirectory
    private let tasks: [Task<Void, Never>]

    init(on engine: StoreEngine) async throws {
        directory = try TemporaryDirectory()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let database = try await engine.open(in: directory, logger: logger)
        self.database = database
        let sums = Migration(
            service: "sums", number: 1, name: "sums",
            statements: [
                "CREATE TABLE sums (id INTEGER PRIMARY KEY, sum INTEGER NOT NULL) STRICT",
                "INSERT INTO sums VALUES (1, 0)",
            ])
        try await database.migrate(IdempotencySchema.migrations + [sums])
        let clock = clock
        calls = (0..<2).map { _ in
            KeyedCalls(database: database, now: { 1_000_000 + clock.now.offset.components.seconds * 1_000 })
        }
        let group = MultiThreadedEventLoopGroup.singleton
        var configuration = RPCServerConfiguration()
        configuration.gatewaySecret = "secret"
        servers = calls.map { [gate, begun] keyed in
            let methods = Self.methods(database, keyed, gate, begun)
            return RPCServer(methods: methods, configuration: configuration, group: group, logger: logger)
        }
        var ports: [Int] = []
        for server in servers { ports.append(try await server.start().port!) }
        self.ports = ports
        var caller = RPCClientConfiguration()
        caller.role = "gateway"
        caller.gatewaySecret = "secret"
        let trusted = caller
        clients = ports.map {
            RPCClient(host: "127.0.0.1", port: $0, configuration: trusted, group: group, logger: logger)
        }
        tasks = servers.map { server in Task { try? await server.run() } }
    }

    /// How often work began.
    final class Begun: Sendable {
        private let value = Mutex(0)
        func next() { value.withLock { $0 += 1 } }
        var count: Int { value.withLock { $0 } }
    }

    func stop() async {
        gate.open()
        for client in clients { await client.close() }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
        await database.close()
    }

    /// What a call answers; with a `*` behind it when it is the reply of another call.
    func add(
        _ params: String, key: String?, at place: Int = 0, principal: String? = nil
    ) async throws -> String {
        var meta = RPCMeta()
        meta.idem = key
        meta.principal = principal.map { ByteBuffer(string: $0) }
        let reply = try await clients[place].request(
            "counter.add", ByteBuffer(string: params), options: .init(meta: meta))
        return String(buffer: reply.result) + (reply.meta.isReplayed ? "*" : "")
    }

    /// Adds, and expects that answer.
    func expect(
        _ answer: String, adding params: String, key: String?, at place: Int = 0, principal: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let found = try await add(params, key: key, at: place, principal: principal)
        #expect(found == answer, sourceLocation: sourceLocation)
    }

    var sum: Int {
        get async throws {
            try await database.read { try $0.value("SELECT sum FROM sums", as: Int.self) ?? -1 }
        }
    }

    var keptCount: Int {
        get async throws {
            try await database.read { try $0.value("SELECT count(*) FROM keyed_calls", as: Int.self) ?? -1 }
        }
    }

    private static func methods(
        _ database: any Database, _ keyed: KeyedCalls, _ gate: Gate, _ begun: Begun
    ) -> RPCMethods {
        var methods = RPCMethods()
        methods.register(
            "counter.add", options: RPCMethodOptions(isKeyed: true),
            raw: { context in
                let wanted = try RPCCoding.decode(Wanted.self, from: context.params)
                return try await keyed.answer(context) { call in
                    begun.next()
                    if wanted.waits == true { await gate.wait() }
                    try Task.checkCancellation()
                    if wanted.n < 0 { throw RPCError(.failedPrecondition, reason: "negative", "expected more") }
                    do {
                        return try await database.write { try add(wanted, call, in: $0) }
                    } catch {
                        if wanted.forgets == true {
                            try await database.write { try $0.execute("DELETE FROM keyed_calls") }
                        }
                        throw error
                    }
                }
            })
        methods.register("counter.sum", raw: { _ in ByteBuffer(string: "0") })
        return methods
    }

    /// The effect, and what is answered for it, in one transaction.
    private static func add(
        _ wanted: Wanted, _ call: KeyedCall?, in transaction: any Transaction
    ) throws -> ByteBuffer {
        try transaction.execute("UPDATE sums SET sum = sum + \(wanted.n)")
        let sum: Int = try transaction.value("SELECT sum FROM sums") ?? -1
        let filling = String(repeating: " ", count: wanted.filling ?? 0)
        let reply = ByteBuffer(string: "{\"sum\":\(sum)\(filling)}")
        try call?.keep(reply, in: transaction)
        return reply
    }

    private struct Wanted: Codable {
        var n: Int
        var waits: Bool?
        var filling: Int?
        /// What was kept is gone as soon as the work has failed.
        var forgets: Bool?
    }
}

/// Runs `body` with a harness and stops it afterwards, whatever happened.
func withKeyedCalls(on engine: StoreEngine, _ body: (KeyedHarness) async throws -> Void) async throws {
    let harness = try await KeyedHarness(on: engine)
    do {
        try await body(harness)
    } catch {
        await harness.stop()
        throw error
    }
    await harness.stop()
}
