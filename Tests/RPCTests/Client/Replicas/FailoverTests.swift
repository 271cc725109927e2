import Logging
import NIOCore
import NIOPosix
import RPC
import Synchronization
import TestSupport
import Testing

/// One client, two or three real servers, some of which go away.
@Suite(.serialized) struct FailoverTests {
    /// Times are measured here, and other tests keep the shared loops busy for seconds.
    private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    /// Names itself, counts its calls, and waits or fails when told to.
    private final class Replica: Sendable {
        let name: String
        let doors = Doors()
        let isFailing = Mutex(false)
        let calls = Mutex(0)

        init(_ name: String) { self.name = name }

        func register(_ methods: inout RPCMethods) {
            doors.register(&methods)
            methods.register(
                "name",
                raw: { _ in
                    self.calls.withLock { $0 += 1 }
                    if self.isFailing.withLock({ $0 }) { throw RPCError(.unavailable, reason: "sick", "not now") }
                    return ByteBuffer(string: "\"\(self.name)\"")
                })
        }
    }

    private static func client(_ ports: Int..., policy: RPCReplicaPolicy = .init()) -> RPCClient {
        var configuration = RPCClientConfiguration()
        configuration.replicas = policy
        return RPCClient(
            addresses: ports.map { RPCAddress(host: "127.0.0.1", port: $0) }, configuration: configuration,
            group: group, logger: .quiet)
    }

    /// Who answers.
    private func name(_ client: RPCClient) async throws -> String {
        let answer = try await client.call("name")
        return String(String(buffer: answer).dropFirst().dropLast())
    }

    @Test func `when a replica dies the idempotent calls succeed on another, and the others fail`() async throws {
        let (dying, living) = (Replica("dying"), Replica("living"))
        try await withServer(group: Self.group, { dying.register(&$0) }) { first in
            try await withServer(group: Self.group, { living.register(&$0) }) { second in
                let client = Self.client(first.port, second.port)
                // Either may have been drawn; what matters is what becomes of those that went to the first.
                let calls = (0..<64).map { number in
                    Task {
                        let options = RPCCallOptions(isIdempotent: number % 2 == 0)
                        return await Result { try await client.call("wait", options: options) }
                    }
                }
                try await eventually("the calls") { dying.doors.begun + living.doors.begun == 64 }
                let (lost, stayed) = (dying.doors.begun, living.doors.begun)
                #expect(lost > 0)
                await first.server.stop(grace: .zero)
                living.doors.gate.open()
                var (failures, successes) = (0, 0)
                for (number, call) in calls.enumerated() {
                    switch await call.value {
                    case .success: successes += 1
                    case .failure(let error):
                        failures += 1
                        #expect(number % 2 == 1 && (error as? RPCError)?.status == .unavailable, "\(error)")
                    }
                }
                #expect(failures < lost && successes >= stayed)
                await client.close()
            }
        }
    }

    @Test func `an address where nobody listens costs no call`() async throws {
        let replica = Replica("a")
        let closed = ClosedPort()
        try await withServer(group: Self.group, { replica.register(&$0) }) { server in
            let client = Self.client(closed.port, server.port)
            for _ in 0..<50 {
                let answer = try await name(client)
                #expect(answer == "a")
            }
            await client.close()
        }
    }

    @Test func `tries are counted, and share the caller's time`() async throws {
        // Refuses the first call, so that there is a second try.
        let refused = Mutex(false)
        try await withServer(
            group: Self.group,
            { methods in
                methods.register(
                    "meta",
                    raw: { context in
                        if refused.withLock({ was in
                            defer { was = true }; return !was
                        }) {
                            throw RPCError.overloaded("full")
                        }
                        let timeout = (context.meta.timeout ?? .zero) / .milliseconds(1)
                        return ByteBuffer(string: #"[\#(context.meta.attempt ?? 1),\#(timeout < 60_000)]"#)
                    })
            }
        ) { server in
            let client = Self.client(server.port)
            let answer = try await client.call("meta", options: .init(timeout: .seconds(60)))
            #expect(String(buffer: answer) == "[2,true]")
            await client.close()
        }
    }

    @Test func `a call with a key is sent again like an idempotent one, with the same key`() async throws {
        let keys = Mutex<[String?]>([])
        try await withServer(
            group: Self.group,
            { methods in
                methods.register(
                    "pay", options: .init(isKeyed: true),
                    raw: { context in
                        let tries = keys.withLock { keys in
                            keys.append(context.meta.idem)
                            return keys.count
                        }
                        if tries == 1 { throw RPCError(.unavailable, reason: "sick", "not now") }
                        return ByteBuffer(string: "true")
                    })
            }
        ) { server in
            let client = Self.client(server.port)
            _ = try await client.call("pay", options: .init(idem: "k-1"))
            #expect(keys.withLock { $0 } == ["k-1", "k-1"])
            keys.withLock { $0 = [] }
            await #expect(throws: RPCError.self) { try await client.call("pay") }
            #expect(keys.withLock { $0.count } == 1)
            await client.close()
        }
    }

    @Test func `a contract says that its method may be sent again`() async throws {
        let calls = Mutex(0)
        try await withServer(
            group: Self.group,
            { methods in
                methods.register(
                    "get",
                    raw: { _ in
                        let count = calls.withLock { count in
                            count += 1
                            return count
                        }
                        if count == 1 { throw RPCError(.unavailable, reason: "sick", "not now") }
                        return ByteBuffer(string: "{}")
                    })
            }
        ) { server in
            let client = Self.client(server.port)
            let get = RPCContract<RPCNothing, RPCNothing>("get", isIdempotent: true)
            _ = try await client.call(get, RPCNothing())
            #expect(calls.withLock { $0 } == 2)
            await client.close()
        }
    }

    @Test func `a replica that keeps failing is given no calls, and comes back when it is well`() async throws {
        let (sick, well) = (Replica("sick"), Replica("well"))
        var policy = RPCReplicaPolicy()
        policy.ejectionMin = .milliseconds(200)
        try await withServer(group: Self.group, { sick.register(&$0) }) { first in
            try await withServer(group: Self.group, { well.register(&$0) }) { second in
                let client = Self.client(first.port, second.port, policy: policy)
                sick.isFailing.withLock { $0 = true }
                for _ in 0..<60 { _ = try? await client.call("name", options: .init(isIdempotent: true)) }
                #expect(sick.calls.withLock { $0 } <= 15, "five failures in a row, twice at most within the time")
                sick.isFailing.withLock { $0 = false }
                try await eventually("its return") { try await name(client) == "sick" }
                await client.close()
            }
        }
    }

    @Test func `a replica that stops sends its callers to the others without a failure`() async throws {
        let (stopping, staying) = (Replica("stopping"), Replica("staying"))
        try await withServer(group: Self.group, { stopping.register(&$0) }) { first in
            try await withServer(group: Self.group, { staying.register(&$0) }) { second in
                let client = Self.client(first.port, second.port)
                try await eventually("both") {
                    _ = try await client.call("name")
                    return stopping.calls.withLock { $0 } > 0 && staying.calls.withLock { $0 } > 0
                }
                let stop = Task { await first.server.stop(grace: .seconds(5)) }
                for _ in 0..<300 { _ = try await client.call("name") }
                await stop.value
                for _ in 0..<50 {
                    let answer = try await name(client)
                    #expect(answer == "staying")
                }
                await client.close()
            }
        }
    }

    @Test func `a call that waits goes on elsewhere when its server sends it away`() async throws {
        let away = Mutex<[Int]>([])
        func serve(_ methods: inout RPCMethods) {
            methods.register(
                "watch", options: .init(isLong: true),
                raw: { context in
                    let attempt = context.meta.attempt ?? 1
                    away.withLock { $0.append(attempt) }
                    if attempt == 1 {
                        try await context.item(ByteBuffer(string: "1"))
                        var error = RPCError(.unavailable, reason: "draining", "the server stops")
                        error.resume = true
                        throw error
                    }
                    return ByteBuffer(string: "\(context.meta.stream?.after ?? -1)")
                })
        }
        try await withServer(group: Self.group, { serve(&$0) }) { first in
            try await withServer(group: Self.group, { serve(&$0) }) { second in
                let client = Self.client(first.port, second.port)
                let events = client.events("watch")
                var items = 0
                for try await _ in events { items += 1 }
                #expect(items == 1)
                let answer = try await events.result()
                #expect(String(buffer: answer) == "1", "what was seen is not asked for again")
                #expect(away.withLock { $0 } == [1, 2])
                await client.close()
            }
        }
    }

    @Test func `a replica that was lost is given calls again when it is back`() async throws {
        let (back, staying) = (Replica("back"), Replica("staying"))
        try await withServer(group: Self.group, { staying.register(&$0) }) { second in
            var port = 0
            try await withServer(group: Self.group, { back.register(&$0) }) { port = $0.port }
            let client = Self.client(port, second.port)
            for _ in 0..<20 {
                let answer = try await name(client)
                #expect(answer == "staying")
            }
            var configuration = RPCServerConfiguration()
            configuration.port = port
            try await withServer(configuration: configuration, group: Self.group, { back.register(&$0) }) { _ in
                try await eventually("its return") { try await name(client) == "back" }
            }
            await client.close()
        }
    }

    @Test func `small calls, large ones and those that wait have connections of their own, made on demand`()
        async throws
    {
        let server = try await FrameServer.start { message, _ in
            let message = String(message.utf8.prefix(100))!
            return message.contains("rpc.hello")
                ? #"{"jsonrpc":"2.0","id":0,"error":{"code":-32601,"message":"no such method"}}"#
                : "{\"jsonrpc\":\"2.0\",\(message.firstMatch(of: /"id":\d+/)!.output),\"result\":1}"
        }
        let client = Self.client(server.port)
        for _ in 0..<3 { _ = try await client.call("small") }
        #expect(server.connectionCount == 1)
        _ = try await client.call(
            "large", ByteBuffer(string: #"{"a":""# + String(repeating: "a", count: 300_000) + "\"}"))
        #expect(server.connectionCount == 2)
        for try await _ in client.events("waits") {}
        #expect(server.connectionCount == 3)
        await client.close()
        try await server.stop()
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
