import Logging
import NIOCore
import NIOPosix
import RPC

/// Keeps a number of calls in flight from the event loop of their connection, as the gateway makes them: a call for
/// each reply, no task and no hop between threads, just like the client of the echo.
enum LoopCalls {
    /// A client on a loop of its own.
    static func client(host: String, port: Int) -> RPCLoopClient {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        return RPCLoopClient(eventLoop: loop, host: host, port: port, logger: Logger(label: "benchmarks"))
    }

    /// Calls for the given time over a connection of its own.
    static func run(
        host: String, port: Int, _ request: RPCCallRequest, inFlight: Int, seconds: Int
    ) async throws -> CallRun {
        let client = client(host: host, port: port)
        let run = try await run(client, request, inFlight: inFlight, seconds: seconds)
        try await client.eventLoop.submit { client.close() }.get()
        return run
    }

    /// Calls for the given time.
    static func run(
        _ client: RPCLoopClient, _ request: RPCCallRequest, inFlight: Int, seconds: Int
    ) async throws -> CallRun {
        let done = client.eventLoop.makePromise(of: CallRun.self)
        client.eventLoop.execute {
            let caller = Caller(client: client, request: request, duration: .seconds(Int64(seconds)), done: done)
            for _ in 0..<inFlight { caller.call() }
        }
        return try await done.futureResult.get()
    }

    /// Calls again with each reply until the time is over; its time begins with the first reply, when all is connected.
    private final class Caller: RPCCallReceiver {
        private let client: RPCLoopClient
        private let request: RPCCallRequest
        private let duration: TimeAmount
        private let done: EventLoopPromise<CallRun>
        private var start: NIODeadline?
        private var count = 0
        private var isDone = false

        init(client: RPCLoopClient, request: RPCCallRequest, duration: TimeAmount, done: EventLoopPromise<CallRun>) {
            self.client = client
            self.duration = duration
            self.done = done
            self.request = request
        }

        func call() {
            _ = client.start(request, receiver: self)
        }

        func callSucceeded(_ result: ByteBuffer) {
            guard !isDone else { return }
            let now = NIODeadline.now()
            if let start {
                count += 1
                if now - start >= duration {
                    isDone = true
                    let time = Double((now - start).nanoseconds) / 1e9
                    return done.succeed(CallRun(count: count, seconds: time))
                }
            } else {
                start = now
            }
            call()
        }

        func callFailed(_ error: RPCError) {
            guard !isDone else { return }
            isDone = true
            done.fail(error)
        }

        func callContent(_ content: RPCContent) {}

        func callChunk(_ octets: ByteBuffer, isLast: Bool) {}
    }
}
