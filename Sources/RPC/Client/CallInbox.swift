import NIOCore
import Synchronization

/// What a call sends before its end, kept until somebody asks: filled on the loop, emptied by a task.
///
/// Bounded by credits: the server sends no more than `credit` elements that have not been taken out here. Of progress,
/// which costs none, a reader that is behind finds the newest.
final class CallInbox<Element: Sendable>: RPCCallReceiver, Sendable {
    private let replicas: RPCReplicaSet
    private let lane: RPCLane
    /// Credits go back in halves: one message for many chunks, and the sender never runs dry.
    private let creditStep: Int
    private let state = Mutex(CallInboxState<Element>())

    init(replicas: RPCReplicaSet, lane: RPCLane, of request: RPCCallRequest) {
        self.replicas = replicas
        self.lane = lane
        let credit = request.meta.stream?.credit ?? RPCStreamOptions.creditDefault
        creditStep = max(1, credit / 2)
    }

    func start(_ request: RPCCallRequest, isIdempotent: Bool) {
        replicas.eventLoop.execute {
            guard self.state.withLock({ $0.end == nil }) else { return }
            let handle = self.replicas.start(
                request, lane: self.lane, isIdempotent: isIdempotent, receiver: self)
            let box = NIOLoopBound(handle, eventLoop: self.replicas.eventLoop)
            let isUnwanted = self.state.withLock { state in
                state.handle = box
                return state.end != nil
            }
            // Cancelled from another thread before there was anything to cancel.
            if isUnwanted { handle.cancel() }
        }
    }

    /// Ends the call, if it has not ended.
    func cancel() {
        let (handle, waiter) = state.withLock { state in
            if state.end == nil { state.end = .failure(CancellationError()) }
            return (state.handle, state.takeWaiter())
        }
        waiter?.resume()
        if let handle { replicas.eventLoop.execute { handle.value.cancel() } }
    }

    /// The next element; nil at the end.
    func next() async throws -> Element? {
        while true {
            let (step, credits) = state.withLock { state in state.next(creditStep: creditStep) }
            if credits > 0 { grant(credits) }
            switch step {
            case .element(let element): return element
            case .end(let outcome):
                _ = try outcome.get()
                return nil
            case .wait: try await waitForChange()
            }
        }
    }

    /// What an answer with octets begins with.
    enum Head {
        case content(RPCContent)
        /// A result in place of a stream: the server knows no streams.
        case result(ByteBuffer)
    }

    /// Waits for the beginning of an answer with octets.
    func head() async throws -> Head {
        while true {
            let (content, end) = state.withLock { ($0.content, $0.end) }
            if let content { return .content(content) }
            if let end {
                guard let result = try end.get() else {
                    throw RPCError(.dataLoss, "the byte stream ended before its head")
                }
                return .result(result)
            }
            try await waitForChange()
        }
    }

    /// The reply; elements not asked for are dropped.
    func result() async throws -> ByteBuffer {
        while try await next() != nil {}
        guard let result = try state.withLock({ try $0.end?.get() }) else {
            throw RPCError(.internal, "the call ended without a result")
        }
        return result
    }

    private func waitForChange() async throws {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let hasChanged = state.withLock { state in
                    if state.end == nil, state.elements.isEmpty, !Task.isCancelled { state.waiter = waiter }
                    return state.waiter == nil
                }
                if hasChanged { waiter.resume() }
            }
        } onCancel: {
            cancel()
        }
        try Task.checkCancellation()
    }

    private func grant(_ count: Int) {
        guard let handle = state.withLock({ $0.handle }) else { return }
        replicas.eventLoop.execute { handle.value.grantCredit(count) }
    }

    private func change(_ body: (inout sending CallInboxState<Element>) -> Void) {
        let waiter = state.withLock { state in
            body(&state)
            return state.takeWaiter()
        }
        waiter?.resume()
    }

    // MARK: On the loop

    func callSucceeded(_ result: ByteBuffer) { change { $0.end = $0.end ?? .success(result) } }

    func callFailed(_ error: RPCError) { change { $0.end = $0.end ?? .failure(error) } }

    func callContent(_ content: RPCContent) { change { $0.content = content } }

    func callEvent(_ event: RPCEvent) {
        // Progress costs no credit, so it must not ask for one.
        guard let element = event as? Element else { return }
        change { state in
            if event.kind == .progress, (state.elements.last as? RPCEvent)?.kind == .progress {
                state.elements[state.elements.index(before: state.elements.endIndex)] = element
                return
            }
            if event.kind != .item { state.taken -= 1 }
            state.elements.append(element)
        }
    }

    func callChunk(_ octets: ByteBuffer, isLast: Bool) {
        change { state in
            guard state.content != nil else {
                let error = RPCError(.internal, reason: "stream", "expected the content of a stream before its octets")
                state.end = state.end ?? .failure(error)
                return
            }
            if let element = octets as? Element, octets.readableBytes > 0 { state.elements.append(element) }
            if isLast { state.end = state.end ?? .success(nil) }
        }
    }
}

/// Elements not asked for yet, and how the call ended.
struct CallInboxState<Element: Sendable> {
    var elements = CircularBuffer<Element>()
    var content: RPCContent?
    /// Set once: the reply, or that the stream has ended.
    var end: Result<ByteBuffer?, any Error>?
    var waiter: CheckedContinuation<Void, Never>?
    /// Taken out and not yet credited.
    var taken = 0
    var handle: NIOLoopBound<RPCReplicaCall>?

    enum Step {
        case element(Element)
        case end(Result<ByteBuffer?, any Error>)
        case wait
    }

    mutating func takeWaiter() -> CheckedContinuation<Void, Never>? {
        defer { waiter = nil }
        return waiter
    }

    /// What there is, and how many credits are due for what has been taken.
    mutating func next(creditStep: Int) -> (Step, credits: Int) {
        guard let element = elements.popFirst() else { return (end.map(Step.end) ?? .wait, 0) }
        taken += 1
        guard taken >= creditStep, end == nil else { return (.element(element), 0) }
        defer { taken = 0 }
        return (.element(element), taken)
    }
}

/// Cancels a call when nobody can ask for its elements any more.
final class InboxOwner<Element: Sendable>: Sendable {
    let inbox: CallInbox<Element>

    init(_ inbox: CallInbox<Element>) {
        self.inbox = inbox
    }

    deinit {
        inbox.cancel()
    }
}
