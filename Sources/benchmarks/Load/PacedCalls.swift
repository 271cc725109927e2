import NIOCore
import RPC

/// Makes calls at a given rate, whether the last ones were answered or not, and tells how long each took.
///
/// Counted from when a call was due: one that is late because the client was busy has waited, too.
enum PacedCalls {
    /// Latencies in milliseconds.
    static func run(
        _ client: RPCLoopClient, _ request: RPCCallRequest, perSecond: Int, seconds: Int
    ) async throws -> [Double] {
        let done = client.eventLoop.makePromise(of: [Double].self)
        client.eventLoop.execute {
            let pacer = Pacer(
                client: client, request: request, interval: .nanoseconds(1_000_000_000 / Int64(perSecond)),
                count: perSecond * seconds, done: done)
            pacer.call(due: .now())
        }
        return try await done.futureResult.get()
    }

    private final class Pacer {
        private let client: RPCLoopClient
        private let request: RPCCallRequest
        private let interval: TimeAmount
        private var left: Int
        private let count: Int
        private let done: EventLoopPromise<[Double]>
        private var latencies: [Double] = []

        init(
            client: RPCLoopClient, request: RPCCallRequest, interval: TimeAmount, count: Int,
            done: EventLoopPromise<[Double]>
        ) {
            self.client = client
            self.request = request
            self.interval = interval
            self.count = count
            left = count
            self.done = done
        }

        /// Makes the call that is due and plans the next one.
        func call(due: NIODeadline) {
            left -= 1
            client.start(request, receiver: Answer(to: self, due: due))
            guard left > 0 else { return }
            let next = due + interval
            client.eventLoop.assumeIsolated().scheduleTask(deadline: next) { self.call(due: next) }
        }

        func answered(due: NIODeadline) {
            latencies.append(Double((NIODeadline.now() - due).nanoseconds) / 1e6)
            if latencies.count == count { done.succeed(latencies) }
        }

        func failed(_ error: RPCError) {
            done.fail(error)
        }
    }

    /// One call's receiver: it knows when the call was due.
    private final class Answer: RPCCallReceiver {
        private let pacer: Pacer
        private let due: NIODeadline

        init(to pacer: Pacer, due: NIODeadline) {
            self.pacer = pacer
            self.due = due
        }

        func callSucceeded(_ result: ByteBuffer) { pacer.answered(due: due) }
        func callFailed(_ error: RPCError) { pacer.failed(error) }
        func callContent(_ content: RPCContent) {}
        func callChunk(_ octets: ByteBuffer, isLast: Bool) {}
    }
}
