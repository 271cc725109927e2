public import NIOCore

/// What a server offers: names, and what answers them.
public struct RPCMethods: Sendable {
    /// Answers a call with raw JSON.
    public typealias RawHandler = @Sendable (RPCContext) async throws -> ByteBuffer
    /// Answers a call with octets: opens the stream, writes, returns for a clean end or throws for a broken one.
    public typealias StreamHandler = @Sendable (RPCContext, RPCStreamOpener) async throws -> Void

    enum Handler: Sendable {
        case raw(RawHandler)
        case stream(StreamHandler)
    }

    struct Method: Sendable {
        var options: RPCMethodOptions
        var handler: Handler
    }

    private(set) var methods: [String: Method] = [:]
    private(set) var description: ByteBuffer?

    /// Nothing offered yet.
    public init() {}

    /// The names on offer, sorted.
    public var names: [String] { methods.keys.sorted() }

    /// Offers a method whose parameters and result stay raw JSON.
    ///
    /// Handlers run on the connection's event loop: a handler must not block, and work of more than a millisecond
    /// belongs on an executor of its own.
    public mutating func register(
        _ name: String, options: RPCMethodOptions = .init(), raw handler: @escaping RawHandler
    ) {
        add(name, Method(options: options, handler: .raw(handler)))
    }

    /// Offers a method that answers with a byte stream; to a plain peer, piece by piece as `{base64, offset, eof}`.
    public mutating func registerStream(
        _ name: String, options: RPCMethodOptions = .init(), _ handler: @escaping StreamHandler
    ) {
        add(name, Method(options: options, handler: .stream(handler)))
    }

    /// Sets the OpenRPC document that `rpc.discover` answers with: JSON, not checked.
    public mutating func describe(openRPC document: [UInt8]) {
        description = ByteBuffer(bytes: document)
    }

    /// Adds everything another set offers; its description is not taken over.
    public mutating func merge(_ other: RPCMethods) {
        for (name, method) in other.methods { add(name, method) }
    }

    /// Two answers to one name are a mistake in the program, and so is a name of the protocol's own.
    private mutating func add(_ name: String, _ method: Method) {
        precondition(!name.hasPrefix("rpc."), "names beginning rpc. belong to the protocol: \(name)")
        precondition(methods[name] == nil, "the method \(name) is registered twice")
        methods[name] = method
    }
}
