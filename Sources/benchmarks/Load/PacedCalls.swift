import NIOCore
import RPC

/// Makes calls at a given rate, whether the last ones were answered or not, and tells how long each took.
///
/// Counted from when a call was due: one that is late because the client was busy has waited, too.
enum PacedCalls {
    /// What a call does when it has ended; nil: well.
    typealias Ended = (RPCError?) -> Void

    /// Latencies in milliseconds of calls that `call` makes on the loop.
    static func run(
        on eventLoop: any EventLoop, perSecond: Int, seconds: Int,
        _ call: @escaping @Sendable (_ ended: @escaping Ended) -> Void
    ) async throws -> [Double] {
        let done = eventLoop.makePromise(of: [Double].self)
        eventLoop.execute {
            let pacer = Pacer(
                call: call, interval: .nanoseconds(1_000_000_000 / Int64(perSecond)), count: perSecond * seconds,
                done: done)
            pacer.call(due: .now(), on: eventLoop)
        }
        return try await done.futureResult.get()
    }

    /// The same for calls of RPC.
    static func run(
        _ client: RPCLoopClient, _ request: RPCCallRequest, perSecond: Int, seconds: Int
    ) async throws -> [Double] {
        try await run(on: client.eventLoop, perSecond: perSecond, seconds: seconds) { ended in
            client.start(request, receiver: Answer(ended))
        }
    }

    private final class Pacer {
        private let call: (_ ended: @escaping Ended) -> Void
        private let interval: TimeAmount
        private var left: Int
        private let count: Int
        private let done: EventLoopPromise<[Double]>
        private var latencies: [Double] = []

        init(
            call: @escaping (_ ended: @escaping Ended) -> Void, interval: TimeAmount, count: Int,
            done: EventLoopPromise<[Double]>
        ) {
            self.call = call
            self.interval = interval
            self.count = count
            left = count
            self.done = done
        }

        /// Makes the call that is due and plans the next one.
        func call(due: NIODeadline, on eventLoop: any EventLoop) {
            left -= 1
            call { error in
                if let error { self.done.fail(error) } else { self.answered(due: due) }
            }
            guard left > 0 else { return }
            let next = due + interval
            eventLoop.assumeIsolated().scheduleTask(deadline: next) { self.call(due: next, on: eventLoop) }
        }

        private func answered(due: NIODeadline) {
            latencies.append(Double((NIODeadline.now() - due).nanoseconds) / 1e6)
            if latencies.count == count { done.succeed(latencies) }
        }
    }

    /// One call's receiver.
    private final class Answer: RPCCallReceiver {
        private let ended: Ended

        init(_ ended: @escaping Ended) { self.ended = ended }

        func callSucceeded(_ result: ByteBuffer) { ended(nil) }
        func callFailed(_ error: RPCError) { ended(error) }
        func callContent(_ content: RPCContent) {}
        func callChunk(_ octets: ByteBuffer, isLast: Bool) {}
    }
}
