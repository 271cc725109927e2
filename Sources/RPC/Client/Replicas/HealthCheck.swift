import NIOCore

/// One question for a server's health, with `rpc.health`. Where the server can be listened to (`watch`), the question
/// stays open and every change is told. Loop-bound.
///
/// A server that knows no `rpc.health` answers with an error, and whoever answers is alive.
final class HealthCheck: RPCCallReceiver {
    /// What was heard. Exactly one `answer` comes, maybe followed by others.
    enum News {
        case answer(isServing: Bool)
        case told(isServing: Bool)
    }

    private let eventLoop: any EventLoop
    private let timeout: TimeAmount
    private let heard: (HealthCheck, News) -> Void
    private var handle: RPCCallHandle?
    private var timer: Scheduled<Void>?
    private var isAnswered = false
    /// The question is open, and changes are told.
    private(set) var isListening = false

    init(eventLoop: any EventLoop, timeout: Duration, heard: @escaping (HealthCheck, News) -> Void) {
        self.eventLoop = eventLoop
        self.timeout = TimeAmount(timeout)
        self.heard = heard
    }

    func start(on client: RPCLoopClient, listens: Bool) {
        var request = RPCCallRequest(method: "rpc.health")
        if listens {
            request.params = ByteBuffer(string: #"{"watch":true}"#)
            request.meta.stream = RPCStreamOptions()
        }
        handle = client.start(request, receiver: self)
        timer = eventLoop.assumeIsolated().scheduleTask(in: timeout) { self.timedOut() }
    }

    /// Nobody wants to hear anything any more.
    func forget() {
        timer?.cancel()
        handle?.cancel(reason: "closed")
        handle = nil
        isAnswered = true
        isListening = false
    }

    func callSucceeded(_ result: ByteBuffer) {
        ended(isServing: Self.isServing(result))
    }

    /// Only a lost connection and a server that says it cannot are bad news: an unknown method is an answer.
    func callFailed(_ error: RPCError) {
        ended(isServing: ReplicaCircuit.Failure(error) == nil && (isAnswered || error.status != .deadlineExceeded))
    }

    func callEvent(_ event: RPCEvent) {
        guard event.kind == .item else { return }
        isListening = true
        handle?.grantCredit(1)
        tell(isServing: Self.isServing(event.data))
    }

    func callContent(_ content: RPCContent) {}

    func callChunk(_ octets: ByteBuffer, isLast: Bool) {
        if isLast { ended(isServing: true) }
    }

    private func ended(isServing: Bool) {
        handle = nil
        let wasListening = isListening
        isListening = false
        // The end of listening is no news by itself: a server that stops has said so before.
        if !isAnswered || wasListening && !isServing { tell(isServing: isServing) }
    }

    private func tell(isServing: Bool) {
        timer?.cancel()
        let news = isAnswered ? News.told(isServing: isServing) : .answer(isServing: isServing)
        isAnswered = true
        heard(self, news)
    }

    private func timedOut() {
        guard !isAnswered else { return }
        handle?.cancel(reason: "no answer")
        handle = nil
        tell(isServing: false)
    }

    private static func isServing(_ answer: ByteBuffer) -> Bool {
        guard let status = JSONFields(answer)?.string("status") else { return true }
        return status == "ok"
    }
}
