import NIOCore

/// Turns the callbacks of one call into the end of a wait. Everything but the methods is used on the loop only.
final class AsyncCall: RPCCallReceiver, @unchecked Sendable {
    private let client: RPCLoopClient
    private var continuation: CheckedContinuation<ByteBuffer, any Error>?
    private var handle: RPCCallHandle?
    private var isCancelled = false
    private var replyMeta = RPCReplyMeta()

    init(client: RPCLoopClient) {
        self.client = client
    }

    /// How often a call follows a stopping server to the next one.
    static let successorsMax = 16

    /// Makes a call and waits for its result; cancelling the task cancels the call.
    static func result(of request: RPCCallRequest, client: RPCLoopClient) async throws -> ByteBuffer {
        try await following(request, client: client) { try await AsyncCall(client: client).result(of: $0) }
    }

    /// The same, with what came beside the result.
    static func reply(to request: RPCCallRequest, client: RPCLoopClient) async throws -> RPCReply {
        try await following(request, client: client) { request in
            let call = AsyncCall(client: client)
            let result = try await call.result(of: request)
            return RPCReply(result: result, meta: call.replyMeta)
        }
    }

    /// What a stopping server did not begin, or only waited for, is asked of its successor with the time that is left.
    private static func following<Answer>(
        _ request: RPCCallRequest, client: RPCLoopClient, _ make: (RPCCallRequest) async throws -> Answer
    ) async throws -> Answer {
        let deadline = request.meta.timeout.map { NIODeadline.now() + TimeAmount($0) }
        do {
            return try await make(request)
        } catch let error as RPCError where error.isOfDraining && client.configuration.successorWait > .zero {}
        for _ in 1..<successorsMax {
            do {
                return try await make(request.resumed(until: deadline))
            } catch let error as RPCError where error.isOfDraining {}
        }
        return try await make(request.resumed(until: deadline))
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
            self.handle = self.client.start(request, receiver: self)
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
        if client.eventLoop.inEventLoop { body() } else { client.eventLoop.execute(body) }
    }
}

extension RPCCallRequest {
    /// The same call with the time that is left.
    func resumed(until deadline: NIODeadline?) -> RPCCallRequest {
        var request = self
        if let deadline { request.meta.timeout = max(.zero, Duration(deadline - .now())) }
        return request
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
