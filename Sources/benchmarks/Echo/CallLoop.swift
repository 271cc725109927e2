import Logging
import NIOCore
import NIOPosix
import RPC

/// Keeps a number of calls in flight over one connection, each in a task of its own as a program would make them.
struct CallLoop {
    let host: String
    let port: Int
    let params: ByteBuffer

    /// Answers calls per second over the given time.
    func run(inFlight: Int, seconds: Int) async throws -> Double {
        let client = RPCClient(
            host: host, port: port, group: MultiThreadedEventLoopGroup.singleton, logger: Logger(label: "benchmarks"))
        // Connects, and makes sure that the method is what it is taken for.
        let reply = try await client.call("demo.echo", params)
        guard reply == params else { throw BenchmarkError("demo.echo answered \(String(buffer: reply))") }
        let clock = ContinuousClock()
        let start = clock.now
        let end = start + .seconds(seconds)
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<inFlight {
                group.addTask { [params] in
                    var count = 0
                    while clock.now < end {
                        _ = try await client.call("demo.echo", params)
                        count += 1
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        let time = (clock.now - start) / .seconds(1)
        await client.close()
        return Double(count) / time
    }
}
