import Logging
import NIOCore
import NIOPosix
import RPC

/// Keeps a number of calls in flight from the event loop of their connection, as the gateway makes them: a call for
/// each reply, no task and no hop between threads, just like the client of the echo.
enum LoopCalls {
    /// Answers calls per second over the given time.
    static func run(host: String, port: Int, params: ByteBuffer, inFlight: Int, seconds: Int) async throws -> Double {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let client = RPCLoopClient(eventLoop: loop, host: host, port: port, logger: Logger(label: "benchmarks"))
        let done = loop.makePromise(of: Double.self)
        loop.execute {
            let caller = Caller(client: client, params: params, duration: .seconds(Int64(seconds)), done: done)
            for _ in 0..<inFlight { caller.call() }
        }
        let speed = try await done.futureResult.get()
        try await loop.submit { client.close() }.get()
        return speed
    }

    /// Calls again with each reply until the time is over; its time begins with the first reply, when all is connected.
    private final class Caller: RPCCallReceiver {
        private let client: RPCLoopClient
        private let request: RPCCallRequest
        private let duration: TimeAmount
        private let done: EventLoopPromise<Double>
        private var start: NIODeadline?
        private var count = 0
        private var isDone = false

        init(client: RPCLoopClient, params: ByteBuffer, duration: TimeAmount, done: EventLoopPromise<Double>) {
            self.client = client
            self.duration = duration
            self.done = done
            request = RPCCallRequest(method: "demo.echo", params: params)
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
                    return done.succeed(Double(count) / (Double((now - start).nanoseconds) / 1e9))
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
