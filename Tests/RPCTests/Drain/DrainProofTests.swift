import Foundation
import NIOCore
import NIOPosix
import RPC
import Synchronization
import TestSupport
import Testing

/// One server after the other on the same port, under load: no call is lost, and none is done twice.
@Suite struct DrainProofTests {
    /// 1,000 in the long run that `make soak` makes.
    private static let drains = ProcessInfo.processInfo.environment["TEST_DRAINS"].flatMap(Int.init) ?? 100
    private static let callers = 16

    @Test(.timeLimit(.minutes(5))) func `no call is lost in a drain, and none is done twice`() async throws {
        let work = CountedWork()
        var port = 0
        try await withServer({ _ in }) { port = $0.port }
        let client = DrainClient(port: port)
        let server = Mutex(try await work.serve(port: port))
        let isOver = Shared(false)
        let done = try await withThrowingTaskGroup(of: Int.self) { callers in
            for caller in 0..<Self.callers {
                callers.addTask { try await client.callUntil(isOver, caller: caller) }
            }
            for _ in 0..<Self.drains {
                let calls = work.count
                try await eventually(within: .seconds(60), "calls between two drains") {
                    work.count > calls + Self.callers
                }
                let stopping = server.withLock { $0 }
                await stopping.stop(grace: .seconds(20))
                let next = try await work.serve(port: port)
                server.withLock { $0 = next }
            }
            isOver.change { $0 = true }
            return try await callers.reduce(0, +)
        }
        #expect(done > Self.drains * Self.callers)
        #expect(work.count == done)
        #expect(work.doneTwice == 0)
        await client.close()
        await server.withLock { $0 }.stop(grace: .zero)
    }
}

/// What the servers do, one after the other: each piece of work has a number, and is done once.
private final class CountedWork: Sendable {
    private let counts = Mutex<[Int: Int]>([:])

    var count: Int { counts.withLock { $0.count } }
    var doneTwice: Int { counts.withLock { $0.values.filter { $0 > 1 }.count } }

    func serve(port: Int) async throws -> RPCServer {
        var methods = RPCMethods()
        methods.register("work") { context in
            let number = Int(String(buffer: context.params!).dropFirst().dropLast())!
            self.counts.withLock { $0[number, default: 0] += 1 }
            // Some of it takes a while, so that every drain meets calls under way.
            if number % 3 == 0 {
                try await context.eventLoop.scheduleTask(in: .microseconds(500)) {}.futureResult.get()
            }
            return context.params!
        }
        let server = RPCServer(
            methods: methods, configuration: .init(port: port), group: MultiThreadedEventLoopGroup.singleton,
            logger: .quiet)
        try await server.start()
        return server
    }
}

/// A client that never makes a call twice itself.
private final class DrainClient: Sendable {
    private let client: RPCClient

    init(port: Int) {
        var configuration = RPCClientConfiguration()
        configuration.backoffMin = .milliseconds(1)
        configuration.backoffMax = .milliseconds(10)
        client = RPCClient(
            host: "127.0.0.1", port: port, configuration: configuration, group: MultiThreadedEventLoopGroup.singleton,
            logger: .quiet)
    }

    /// Calls again and again; how often.
    func callUntil(_ isOver: Shared<Bool>, caller: Int) async throws -> Int {
        var made = 0
        while !isOver.value {
            let params = ByteBuffer(string: "[\(made * 1000 + caller)]")
            let result = try await client.call("work", params, options: .init(timeout: .seconds(30)))
            #expect(result == params)
            made += 1
        }
        return made
    }

    func close() async { await client.close() }
}
