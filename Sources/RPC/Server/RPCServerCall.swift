public import NIOCore

/// One call a server is answering.
///
/// Everything but the constants is used on `eventLoop` only. A call gets exactly one answer; what is said after it is
/// dropped, so that a handler and a deadline may race.
public final class RPCServerCall: @unchecked Sendable {
    /// The method's name.
    public let method: String
    /// Raw JSON, an object or an array; nil when there are none.
    public let params: ByteBuffer?
    /// What the caller said beside the parameters; empty for a plain peer.
    public let meta: RPCMeta
    /// When the caller stops waiting.
    public let deadline: NIODeadline
    /// The loop of the caller's connection.
    public let eventLoop: any EventLoop
    /// Nil for a notification, which is never answered.
    let id: RPCMessageID?
    let served: ServedMethod
    let arrival: NIODeadline
    let connection: ServerConnection
    /// Where the reply goes when it is part of a batch.
    let batch: (reply: BatchReply, index: Int)?
    /// The call's place in its connection's table.
    var slot = -1

    var isAnswered = false
    private var isCounted = false
    /// True when a handler's task works on the answer: the call is over when the task is.
    var runsTask = false
    var task: Task<Void, Never>?
    /// True while a handler or router works on it, which may be longer than the caller waits.
    var isRunning = true
    /// Octets of the request, held until the call ends.
    var heldBytes = 0
    /// Where it stands in the queue of its method.
    var place = MethodGate.Place.none
    /// True while the reply leaves in chunks: the call keeps its place in the connection until the last one.
    var isSending = false
    /// What the reply says beside its outcome, if the peer agreed on `meta`. To be set before the answer is given.
    public var replyMeta = RPCReplyMeta()
    var events: EventOutput?
    var stream: StreamOutput?

    /// Who wants to hear of cancellation and credits; kept until the call ends.
    public var observer: (any RPCServerCallObserver)?

    init(
        request: RequestEnvelope, meta: RPCMeta, arrival: NIODeadline, served: ServedMethod,
        batch: (reply: BatchReply, index: Int)?, connection: ServerConnection
    ) {
        method = request.method
        params = request.params
        id = request.id
        self.meta = meta
        self.arrival = arrival
        self.served = served
        deadline = arrival + TimeAmount(meta.timeout ?? served.options.timeout)
        self.batch = batch
        self.connection = connection
        eventLoop = connection.eventLoop
    }

    /// Who calls.
    public var peer: RPCPeer { connection.peer }

    /// Answers with a result: raw JSON.
    public func succeed(_ result: ByteBuffer) {
        answer(.success(result))
        ended()
    }

    /// Answers with an error. After a stream was opened this cuts it, so that nobody takes it for whole.
    public func fail(_ error: RPCError) {
        answer(.failure(error))
        ended()
    }

    /// The one way an answer goes out: events first, waiting writers told, then the reply.
    func answer(_ outcome: Result<ByteBuffer, RPCError>) {
        eventLoop.preconditionInEventLoop()
        guard !isAnswered else { return count(outcome) }
        flushEvents()
        isAnswered = true
        count(outcome)
        releaseWaiters()
        connection.reply(to: self, outcome)
    }

    /// The work is over; the place in the connection becomes free.
    func ended() {
        guard isRunning, isAnswered else { return }
        isRunning = false
        observer = nil
        task = nil
        if place != .none { served.gate?.leave(self) }
        if !isSending { connection.callEnded(self) }
    }

    /// Ends the call before its answer. The caller, if it is still there, hears why at once; the handler's task is
    /// cancelled and its result, should it come, dropped.
    func cancel(_ reason: RPCCancelReason) {
        guard !isAnswered else { return }
        if reason == .disconnected {
            isAnswered = true
            releaseWaiters()
            if served.options.isDetached { return }
            count(.failure(.cancelled(reason)))
        } else {
            var error = RPCError.cancelled(reason)
            error.notStarted = error.notStarted || place == .waiting
            answer(.failure(error))
        }
        stopWork(reason)
    }

    /// Its turn came too late.
    func expired() {
        answer(.failure(.expiredBeforeStart))
        ended()
    }

    /// Tells whoever works on the answer that it is not wanted. A router's call ends here, a handler's with its task.
    func stopWork(_ reason: RPCCancelReason) {
        observer?.callCancelled(self, reason: reason)
        if runsTask { task?.cancel() } else { ended() }
    }

    /// Counts how the call ended. Once, and when it is answered; a detached call whose caller left, when its work ends.
    func count(_ outcome: Result<ByteBuffer, RPCError>) {
        guard !isCounted else { return }
        isCounted = true
        var status: RPCStatus?
        if case .failure(let error) = outcome { status = error.countedStatus }
        let time = eventLoop.now - arrival
        replyMeta.serverMilliseconds = Int(time.nanoseconds / 1_000_000)
        served.metrics.answered(status, after: time)
    }

    /// Does something on the call's loop: at once when already there.
    func onLoop(_ body: @escaping @Sendable () -> Void) {
        if eventLoop.inEventLoop { body() } else { eventLoop.execute(body) }
    }
}

extension RPCError {
    /// What a caller is told about a call that was ended.
    static func cancelled(_ reason: RPCCancelReason) -> RPCError {
        switch reason {
        case .requested, .disconnected, .satisfied:
            RPCError(.cancelled, reason: reason.rawValue, "the call was cancelled")
        case .deadline: RPCError(.deadlineExceeded, reason: "deadline", "the call took longer than its caller waits")
        case .stalled: RPCError(.aborted, reason: "stalled", "no credit came for the stream in time")
        case .draining: .interrupted
        case .shutdown: RPCError(.unavailable, reason: "shutdown", "the server stopped before the call was done")
        }
    }
}
