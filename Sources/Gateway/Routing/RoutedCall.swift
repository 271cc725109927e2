import NIOCore
import RPC

/// One call on its way through the router: what the caller says goes to the service, what the service says comes back.
///
/// Nothing of the caller's envelope is passed on but method and raw parameters, and of its `meta` the members named
/// below. `principal` is who the caller proved to be to us, `http` is for calls that came as HTTP, `plain` is the
/// gateway's own to say. Ids differ on both sides, because each side counts its own. Credits pass through, so a slow
/// caller slows the service and nothing piles up here.
final class RoutedCall: RPCCallReceiver, RPCServerCallObserver {
    private let call: RPCServerCall
    private var handle: RPCReplicaCall?
    private var isDetached = false

    init(_ call: RPCServerCall) {
        self.call = call
    }

    func start(on service: LoopService, _ traits: MethodTraits?) {
        call.observer = self
        isDetached = traits?.isDetached ?? false
        var meta = RPCMeta()
        meta.timeout = call.meta.timeout
        meta.idem = call.meta.idem
        meta.attempt = call.meta.attempt
        meta.stream = call.meta.stream
        meta.traceparent = call.meta.traceparent
        meta.requestID = call.meta.requestID
        meta.callerIsPlain = call.peer.isPlain
        meta.principal = call.meta.principal
        let request = RPCCallRequest(method: call.method, params: call.params, meta: meta)
        handle = service.replicas.start(
            request, lane: .of(call, traits), isIdempotent: traits?.isIdempotent ?? false, receiver: self)
    }

    // MARK: The service's side

    func callSucceeded(_ result: ByteBuffer) {
        handle = nil
        call.succeed(result)
    }

    func callFailed(_ error: RPCError) {
        handle = nil
        call.fail(error)
    }

    /// How long it took is told by whoever was asked: the caller's time includes this hop.
    func callReplyMeta(_ meta: RPCReplyMeta) {
        call.replyMeta = meta
    }

    func callEvent(_ event: RPCEvent) {
        switch event.kind {
        case .progress: call.progress(event.data)
        case .item: call.item(event.data)
        case .log: call.log(event.data)
        }
    }

    func callContent(_ content: RPCContent) {
        call.open(content)
    }

    func callChunk(_ bytes: ByteBuffer, isLast: Bool) {
        if isLast { handle = nil }
        call.send(chunk: bytes, isLast: isLast)
    }

    // MARK: The caller's side

    /// A detached call goes on without its caller; nobody hears its answer.
    func callCancelled(_ call: RPCServerCall, reason: RPCCancelReason) {
        if isDetached, reason == .disconnected { return }
        handle?.cancel(reason: reason.rawValue)
        handle = nil
    }

    func callCredited(_ call: RPCServerCall, count: Int) {
        handle?.grantCredit(count)
    }

}
