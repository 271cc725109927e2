public import NIOCore

/// A call of a replica set under way: where it is tried now, and whether it is tried again. Loop-bound.
public final class RPCReplicaCall: RPCCallReceiver {
    private let set: RPCReplicaSet
    private let lane: RPCLane
    private var request: RPCCallRequest
    private var retry: CallRetry
    /// Nil when the call has ended.
    private var receiver: (any RPCCallReceiver)?
    private var replica: Replica?
    private var handle: RPCCallHandle?
    private var timer: Scheduled<Void>?
    /// A bit for each place tried.
    private var tried: UInt64 = 0
    private var hasBegunAnswer = false
    /// Whether the server of the present try knows the call's key, or will when the call reaches it.
    private var key = CallRetry.Key.none
    /// Somebody before us has sent the call already, and does not say whether it began.
    private let wasSentBefore: Bool
    /// The present try was not sent to its server, which knows no keys.
    private var isKept = false
    /// Of the reply that came last, until it is known whether the caller gets that one.
    private var replyMeta: RPCReplyMeta?

    init(
        _ request: RPCCallRequest, lane: RPCLane, isIdempotent: Bool, set: RPCReplicaSet,
        receiver: any RPCCallReceiver
    ) {
        self.set = set
        self.lane = lane
        self.request = request
        self.receiver = receiver
        wasSentBefore = (request.meta.attempt ?? 1) > 1
        retry = CallRetry(
            deadline: request.meta.timeout.map { set.eventLoop.now + TimeAmount($0) }, isIdempotent: isIdempotent)
    }

    /// Ends the call: the server is told, the receiver hears nothing more. Does nothing after the reply.
    public func cancel(reason: String = "requested") {
        handle?.cancel(reason: reason)
        end()
    }

    /// Takes `count` more chunks or items.
    public func grantCredit(_ count: Int) {
        if let credit = request.meta.stream?.credit {
            request.meta.stream?.credit = RPCStreamOptions.sum(credit, count)
        }
        handle?.grantCredit(count)
    }

    /// Sends it, for the first time or again.
    func send() {
        guard !set.isClosed, let (replica, place) = set.pick(lane, tried: tried) else { return refuse() }
        self.replica = replica
        tried |= 1 << UInt64(place & 63)
        key = request.meta.idem == nil ? .none : .told
        isKept = false
        handle = replica.lane(lane).start(request, receiver: self)
    }

    // MARK: What the replica says

    /// The answer is whole: the replica is well, and this call is over.
    public func callSucceeded(_ result: ByteBuffer) {
        if let replica { set.succeeded(on: replica) }
        end()?.callSucceeded(result)
    }

    /// The attempt failed: another replica is tried, if the call may be sent again.
    public func callFailed(_ error: RPCError) {
        handle = nil
        if let replica, !isKept { set.failed(error, on: replica) }
        if set.isClosed { return end()?.callFailed(error) ?? () }
        let failure = CallRetry.Failure(
            error, hasAnotherReplica: set.hasAnother(than: tried), expectsSuccessor: set.expectsSuccessor,
            hasBegunAnswer: hasBegunAnswer, key: key)
        let action = retry.failed(
            failure, at: set.eventLoop.now, chance: set.random.chance(), policy: set.retryPolicy, budget: &set.budget)
        switch action {
        case .fail: end()?.callFailed(retry.final(failure))
        case .again(let pause): sendAgain(after: pause)
        }
    }

    /// Not once another server may have done the call and knows it by its key: this one would do it a second time.
    public func callMayLeaveWithoutKey() -> Bool {
        isKept = !retry.isIdempotent && (retry.mayHaveBegun || wasSentBefore)
        if !isKept { key = .withheld }
        return !isKept
    }

    /// Kept until the call ends.
    public func callReplyMeta(_ meta: RPCReplyMeta) { replyMeta = meta }

    /// Handed on; another attempt goes on behind it.
    public func callEvent(_ event: RPCEvent) {
        if event.kind == .item {
            hasBegunAnswer = true
            let credit = request.meta.stream?.credit ?? 0
            request.meta.stream?.credit = max(0, credit - 1)
        }
        request.meta.stream?.after = event.seq
        receiver?.callEvent(event)
    }

    /// Handed on; a stream that has begun is not begun again.
    public func callContent(_ content: RPCContent) {
        hasBegunAnswer = true
        receiver?.callContent(content)
    }

    /// Handed on; the last one ends the call.
    public func callChunk(_ octets: ByteBuffer, isLast: Bool) {
        guard isLast else { return receiver?.callChunk(octets, isLast: false) ?? () }
        if let replica { set.succeeded(on: replica) }
        end()?.callChunk(octets, isLast: true)
    }

    // MARK: Trying again

    private func sendAgain(after pause: TimeAmount) {
        replyMeta = nil
        request.meta.attempt = min(request.meta.attempt ?? 1, RPCMeta.attemptMax - 1) + 1
        if pause == .zero { return sendWithTimeLeft() }
        timer = set.eventLoop.assumeIsolated().scheduleTask(in: pause) {
            self.timer = nil
            self.sendWithTimeLeft()
        }
    }

    private func sendWithTimeLeft() {
        if let left = retry.timeLeft(at: set.eventLoop.now) { request.meta.timeout = Duration(left) }
        send()
    }

    private func refuse() {
        var error = RPCError(.unavailable, reason: "service", "no address of the service is known")
        if set.isClosed { error = RPCError(.unavailable, reason: "closed", "the client was closed") }
        error.notStarted = true
        set.eventLoop.assumeIsolated().execute { self.end()?.callFailed(error) }
    }

    /// Lets go of everything; the receiver, if the call had not ended.
    @discardableResult
    private func end() -> (any RPCCallReceiver)? {
        defer {
            receiver = nil
            handle = nil
            replica = nil
        }
        timer?.cancel()
        timer = nil
        if let replyMeta { receiver?.callReplyMeta(replyMeta) }
        return receiver
    }
}
