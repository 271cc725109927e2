public import Logging
public import NIOCore
public import ServiceLifecycle

/// Calls a service with `async` calls; any number at a time, answered in any order.
///
/// A service is one server or several replicas (`RPCReplicaSet`). Connects with the first call and again after a loss;
/// failed calls are sent again as `RPCRetryPolicy` says. Cancelling the task of a call cancels the call on the server.
public final class RPCClient: Service {
    let replicas: RPCReplicaSet
    private let executor: LoopTaskExecutor

    /// Runs tasks beside the connection. A task that makes one small call after another is several times faster here
    /// than elsewhere, because no call wakes another thread; it must not block.
    ///
    ///     try await withTaskExecutorPreference(client.taskExecutor) { … }
    public var taskExecutor: any TaskExecutor { executor }

    /// A client that has not connected yet.
    public convenience init(
        host: String, port: Int, configuration: RPCClientConfiguration = .init(), group: any EventLoopGroup,
        logger: Logger
    ) {
        let address = RPCAddress(host: host, port: port)
        self.init(addresses: [address], configuration: configuration, group: group, logger: logger)
    }

    /// A client of a service with several replicas, which has not connected yet.
    public init(
        addresses: [RPCAddress], configuration: RPCClientConfiguration = .init(), group: any EventLoopGroup,
        logger: Logger
    ) {
        let replicas = RPCReplicaSet(
            eventLoop: group.any(), addresses: addresses, configuration: configuration, logger: logger)
        self.replicas = replicas
        executor = LoopTaskExecutor(replicas.eventLoop)
        replicas.eventLoop.execute { replicas.watch() }
    }

    /// A client let go ends its connections.
    deinit {
        let replicas = replicas
        replicas.eventLoop.execute { replicas.close() }
    }

    /// Keeps the client until graceful shutdown, then closes it. A client works without being run, too.
    public func run() async throws {
        try? await gracefulShutdown()
        await close()
    }

    /// Closes the connections; calls under way fail.
    public func close() async {
        try? await replicas.eventLoop.submit { self.replicas.close() }.get()
    }

    /// Calls a method with raw JSON and waits for the raw result.
    public func call(
        _ method: String, _ params: ByteBuffer? = nil, options: RPCCallOptions = .init()
    ) async throws -> ByteBuffer {
        let request = RPCCallRequest(method: method, params: params, meta: options.meta)
        return try await AsyncCall.result(
            of: request, isIdempotent: options.isIdempotent ?? false, replicas: replicas)
    }

    /// Calls a method with raw JSON and waits for the raw result and what the reply carries beside it.
    public func request(
        _ method: String, _ params: ByteBuffer? = nil, options: RPCCallOptions = .init()
    ) async throws -> RPCReply {
        let request = RPCCallRequest(method: method, params: params, meta: options.meta)
        return try await AsyncCall.reply(
            to: request, isIdempotent: options.isIdempotent ?? false, replicas: replicas)
    }

    /// Calls a method with Swift types.
    public func call<Params, Result>(
        _ contract: RPCContract<Params, Result>, _ params: Params, options: RPCCallOptions = .init()
    ) async throws -> Result {
        var options = options
        options.isIdempotent = options.isIdempotent ?? contract.isIdempotent
        let result = try await call(contract.name, try RPCCoding.encode(params), options: options)
        return try RPCCoding.decodeResult(Result.self, from: result, method: contract.name)
    }

    /// Calls a method that says something before its reply. The call begins now; it is cancelled when the answer
    /// is forgotten.
    public func events(
        _ method: String, _ params: ByteBuffer? = nil, options: RPCCallOptions = .init()
    ) -> RPCEventSequence {
        let request = streamRequest(method, params, options)
        let inbox = CallInbox<RPCEvent>(replicas: replicas, lane: .waits, of: request)
        inbox.start(request, isIdempotent: options.isIdempotent ?? false)
        return RPCEventSequence(owner: InboxOwner(inbox))
    }

    /// Calls a method that answers with octets and waits for their head. The call is cancelled when the stream is
    /// forgotten before its end.
    ///
    /// A server that streams nothing is asked for one piece after another, each with the time limit given here; it
    /// does not tell what the octets are.
    public func stream(
        _ method: String, _ params: ByteBuffer? = nil, options: RPCCallOptions = .init()
    ) async throws -> RPCStream {
        let request = streamRequest(method, params, options)
        let inbox = CallInbox<ByteBuffer>(replicas: replicas, lane: .bulk, of: request)
        let owner = InboxOwner(inbox)
        inbox.start(request, isIdempotent: options.isIdempotent ?? false)
        switch try await inbox.head() {
        case .content(let content): return RPCStream(content: content, source: .inbox(owner))
        case .result(let first):
            let pieces = try PieceReader(
                after: first, to: request, isIdempotent: options.isIdempotent ?? false, replicas: replicas)
            return RPCStream(content: RPCContent(type: "application/octet-stream"), source: .pieces(pieces))
        }
    }

    private func streamRequest(_ method: String, _ params: ByteBuffer?, _ options: RPCCallOptions) -> RPCCallRequest {
        var meta = options.meta
        meta.stream = meta.stream ?? RPCStreamOptions()
        return RPCCallRequest(method: method, params: params, meta: meta)
    }
}
