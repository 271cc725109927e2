public import NIOCore

extension RPCClient {
    /// Told while a download is under way: the octets received and, where it is known, how many there are. It is called
    /// often and must be quick.
    public typealias DownloadProgress = @Sendable (_ octets: Int, _ size: Int?) -> Void

    /// Saves a byte stream as a file, which is there whole or not at all; what stood there before stays until then.
    ///
    /// The octets go into a file beside it, `.NAME.….part`, which is renamed when all of them are on the disk and removed
    /// when they do not come. A stream that is cut begins again as `RPCRetryPolicy` says; pieces of a server that
    /// streams none go on where they stopped.
    ///
    /// - Parameters:
    ///   - path: The file. Its directory must be there.
    ///   - options: Reading is taken for idempotent unless they say otherwise; a timeout holds for all tries together, of
    ///     a server that streams none for each piece.
    /// - Throws: `RPCError`; DATA_LOSS `size` when it was not as many octets as the server had said. `IOError` of the file.
    /// - Returns: What the octets are, as the server says.
    @discardableResult
    public func download(
        _ method: String, _ params: ByteBuffer? = nil, to path: String, options: RPCCallOptions = .init(),
        onProgress: DownloadProgress? = nil
    ) async throws -> RPCContent {
        var options = options
        options.isIdempotent = options.isIdempotent ?? true
        let tries = DownloadTries(options, replicas: replicas)
        while true {
            do {
                return try await save(method, params, path, options, onProgress)
            } catch let error as RPCError {
                try await tries.pause(after: error)
                options.timeout = tries.timeLeft
            }
        }
    }

    /// One try, from the first octet on: only who has the whole file in hand can take back what a cut stream sent.
    private func save(
        _ method: String, _ params: ByteBuffer?, _ path: String, _ options: RPCCallOptions,
        _ onProgress: DownloadProgress?
    ) async throws -> RPCContent {
        let file = try await PartFile(for: path, on: replicas.eventLoop)
        do {
            let stream = try await stream(method, params, options: options)
            for try await chunk in stream {
                try await file.write(chunk)
                onProgress?(file.size, stream.content.size)
            }
            if let size = stream.content.size, size != file.size {
                let text = "expected a download of \(size) octets, found \(file.size)"
                throw RPCError(.dataLoss, reason: "size", text)
            }
            try await file.finish()
            return stream.content
        } catch {
            await file.discard()
            throw error
        }
    }
}

/// The tries of a download, and the pauses between them. For one task.
///
/// Only cuts in the middle count here. A call that failed before its first octet has been sent again by its connection
/// already, says so (`RPCError.tries`), and is not sent again by us.
private final class DownloadTries: @unchecked Sendable {
    private let replicas: RPCReplicaSet
    /// Changed on the loop, while the task waits for it.
    private var retry: CallRetry

    init(_ options: RPCCallOptions, replicas: RPCReplicaSet) {
        self.replicas = replicas
        retry = CallRetry(
            deadline: options.timeout.map { .now() + TimeAmount($0) }, isIdempotent: options.isIdempotent ?? false)
    }

    /// What is left of the caller's time; nil when it set no limit.
    var timeLeft: Duration? { retry.timeLeft(at: .now()).map { Duration($0) } }

    /// Waits before the next try; throws the error when there is to be none.
    func pause(after error: RPCError) async throws {
        let action = try await replicas.eventLoop.submit { self.replicas.judge(error, of: &self.retry) }.get()
        guard case .again(let pause) = action else { throw error }
        if pause > .zero { try await Task.sleep(for: Duration(pause)) } else { try Task.checkCancellation() }
    }
}

extension RPCReplicaSet {
    /// Whether something that is begun again as a whole is; as a call of its own it has no replica it was tried on.
    fileprivate func judge(_ error: RPCError, of retry: inout CallRetry) -> CallRetry.Action {
        eventLoop.preconditionInEventLoop()
        if isClosed { return .fail }
        let failure = CallRetry.Failure(error, hasAnotherReplica: false, expectsSuccessor: expectsSuccessor)
        return retry.failed(
            failure, at: eventLoop.now, chance: random.chance(), policy: retryPolicy, budget: &budget)
    }
}
