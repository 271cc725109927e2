import NIOCore

/// Turns the callbacks of one call into the end of a wait. Everything but the methods is used on the loop only.
final class AsyncCall: RPCCallReceiver, @unchecked Sendable {
    private let replicas: RPCReplicaSet
    private let isIdempotent: Bool
    private var continuation: CheckedContinuation<ByteBuffer, any Error>?
    private var handle: RPCReplicaCall?
    private var isCancelled = false
    private var replyMeta = RPCReplyMeta()

    init(replicas: RPCReplicaSet, isIdempotent: Bool) {
        self.replicas = replicas
        self.isIdempotent = isIdempotent
    }

    /// Makes a call and waits for its result; cancelling the task cancels the call.
    static func result(
        of request: RPCCallRequest, isIdempotent: Bool, replicas: RPCReplicaSet
    ) async throws -> ByteBuffer {
        try await AsyncCall(replicas: replicas, isIdempotent: isIdempotent).result(of: request)
    }

    /// The same, with what came beside the result.
    static func reply(
        to request: RPCCallRequest, isIdempotent: Bool, replicas: RPCReplicaSet
    ) async throws -> RPCReply {
        let call = AsyncCall(replicas: replicas, isIdempotent: isIdempotent)
        let result = try await call.result(of: request)
        return RPCReply(result: result, meta: call.replyMeta)
    }

    private func result(of request: RPCCallRequest) async throws -> ByteBuffer {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { start(request, $0) }
        } onCancel: {
            cancel()
        }
    }

    func start(_ request: RPCCallRequest, _ continuation: CheckedContinuation<ByteBuffer, any Error>) {
        onLoop {
            if self.isCancelled { return continuation.resume(throwing: CancellationError()) }
            self.continuation = continuation
            let lane = RPCLane.of(paramsBytes: request.params?.readableBytes ?? 0)
            self.handle = self.replicas.start(
                request, lane: lane, isIdempotent: self.isIdempotent, receiver: self)
        }
    }

    func cancel() {
        onLoop {
            self.isCancelled = true
            self.handle?.cancel()
            self.end(.failure(CancellationError()))
        }
    }

    func callSucceeded(_ result: ByteBuffer) { end(.success(result)) }

    func callFailed(_ error: RPCError) { end(.failure(error)) }

    func callReplyMeta(_ meta: RPCReplyMeta) { replyMeta = meta }

    func callContent(_ content: RPCContent) {
        handle?.cancel(reason: "unexpected stream")
        end(.failure(RPCError(.internal, "expected a result, found a byte stream of \(content.type)")))
    }

    func callChunk(_ octets: ByteBuffer, isLast: Bool) {}

    private func end(_ outcome: Result<ByteBuffer, any Error>) {
        continuation?.resume(with: outcome)
        continuation = nil
        handle = nil
    }

    private func onLoop(_ body: @escaping @Sendable () -> Void) {
        if replicas.eventLoop.inEventLoop { body() } else { replicas.eventLoop.execute(body) }
    }
}

extension RPCCoding {
    /// A result that does not fit is the server's fault, not the caller's.
    static func decodeResult<T: Decodable>(_ type: T.Type, from json: ByteBuffer, method: String) throws(RPCError) -> T
    {
        do {
            return try decode(type, from: json)
        } catch {
            throw RPCError(.internal, reason: "result", "the result of '\(method)' has another shape: \(error.message)")
        }
    }
}
