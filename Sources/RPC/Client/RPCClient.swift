public import Logging
public import NIOCore
public import ServiceLifecycle

/// Calls one server over one connection, with `async` calls; any number at a time, answered in any order.
///
/// Connects with the first call and again after a loss; see `RPCLoopClient` for when calls fail without being sent.
/// Cancelling the task of a call cancels the call on the server.
public final class RPCClient: Service {
    let loopClient: RPCLoopClient
    private let executor: LoopTaskExecutor

    /// Runs tasks beside the connection. A task that makes one small call after another is several times faster here
    /// than elsewhere, because no call wakes another thread; it must not block.
    ///
    ///     try await withTaskExecutorPreference(client.taskExecutor) { … }
    public var taskExecutor: any TaskExecutor { executor }

    /// A client that has not connected yet.
    public init(
        host: String, port: Int, configuration: RPCClientConfiguration = .init(), group: any EventLoopGroup,
        logger: Logger
    ) {
        loopClient = RPCLoopClient(
            eventLoop: group.any(), host: host, port: port, configuration: configuration, logger: logger)
        executor = LoopTaskExecutor(loopClient.eventLoop)
    }

    /// A client let go ends its connection.
    deinit {
        let loopClient = loopClient
        loopClient.eventLoop.execute { loopClient.close() }
    }

    /// Keeps the client until graceful shutdown, then closes it. A client works without being run, too.
    public func run() async throws {
        try? await gracefulShutdown()
        await close()
    }

    /// Closes the connection; calls under way fail.
    public func close() async {
        try? await loopClient.eventLoop.submit { self.loopClient.close() }.get()
    }

    /// Calls a method with raw JSON and waits for the raw result.
    public func call(
        _ method: String, _ params: ByteBuffer? = nil, options: RPCCallOptions = .init()
    ) async throws -> ByteBuffer {
        let request = RPCCallRequest(method: method, params: params, meta: options.meta)
        return try await AsyncCall.result(of: request, client: loopClient)
    }

    /// Calls a method with raw JSON and waits for the raw result and what the reply carries beside it.
    public func request(
        _ method: String, _ params: ByteBuffer? = nil, options: RPCCallOptions = .init()
    ) async throws -> RPCReply {
        let request = RPCCallRequest(method: method, params: params, meta: options.meta)
        return try await AsyncCall.reply(to: request, client: loopClient)
    }

    /// Calls a method with Swift types.
    public func call<Params, Result>(
        _ contract: RPCContract<Params, Result>, _ params: Params, options: RPCCallOptions = .init()
    ) async throws -> Result {
        let result = try await call(contract.name, try RPCCoding.encode(params), options: options)
        return try RPCCoding.decodeResult(Result.self, from: result, method: contract.name)
    }

    /// Calls a method that says something before its reply. The call begins now; it is cancelled when the answer
    /// is forgotten.
    public func events(
        _ method: String, _ params: ByteBuffer? = nil, options: RPCCallOptions = .init()
    ) -> RPCEventSequence {
        let inbox = CallInbox<RPCEvent>(client: loopClient, credit: RPCStreamOptions.creditDefault)
        inbox.start(streamRequest(method, params, options))
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
        let inbox = CallInbox<ByteBuffer>(client: loopClient, credit: RPCStreamOptions.creditDefault)
        let owner = InboxOwner(inbox)
        let request = streamRequest(method, params, options)
        inbox.start(request)
        switch try await inbox.head() {
        case .content(let content): return RPCStream(content: content, source: .inbox(owner))
        case .result(let first):
            let pieces = try PieceReader(after: first, to: request, client: loopClient)
            return RPCStream(content: RPCContent(type: "application/octet-stream"), source: .pieces(pieces))
        }
    }

    private func streamRequest(_ method: String, _ params: ByteBuffer?, _ options: RPCCallOptions) -> RPCCallRequest {
        var meta = options.meta
        meta.stream = meta.stream ?? RPCStreamOptions()
        return RPCCallRequest(method: method, params: params, meta: meta)
    }
}
