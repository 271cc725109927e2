import Logging
import NIOCore
import NIOPosix
import RPC

/// Keeps a number of calls in flight over one connection, each in a task of its own as a program would make them.
enum AsyncCalls {
    /// Calls for the given time.
    static func run(host: String, port: Int, params: ByteBuffer, inFlight: Int, seconds: Int) async throws -> CallRun {
        let group = MultiThreadedEventLoopGroup.singleton
        let client = RPCClient(host: host, port: port, group: group, logger: Logger(label: "benchmarks"))
        // Connects, and makes sure that the method is what it is taken for.
        let reply = try await client.call("demo.echo", params)
        guard reply == params else { throw BenchmarkError("demo.echo answered \(String(buffer: reply))") }
        let clock = ContinuousClock()
        let start = clock.now
        let end = start + .seconds(seconds)
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<inFlight {
                group.addTask { try await calls(client, params, until: end) }
            }
            return try await group.reduce(0, +)
        }
        let time = (clock.now - start) / .seconds(1)
        await client.close()
        return CallRun(count: count, seconds: time)
    }

    /// One call after the other.
    private static func calls(
        _ client: RPCClient, _ params: ByteBuffer, until end: ContinuousClock.Instant
    ) async throws -> Int {
        var count = 0
        while ContinuousClock.now < end {
            _ = try await client.call("demo.echo", params)
            count += 1
        }
        return count
    }
}
