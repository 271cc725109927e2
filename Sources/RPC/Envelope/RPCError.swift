public import NIOCore

/// The error of a call: what travels as JSON-RPC's `error` object, and what a client's call throws.
public struct RPCError: Error, Sendable {
    /// JSON-RPC's error code; `status` in numbers where there is one.
    public var code: Int
    /// What the caller should do next; nil when a stranger's error carried none and its code is unknown.
    public var status: RPCStatus?
    /// A lower-case sentence for people: what was expected, what was found, which id. Never a secret.
    public var message: String
    /// The stable word programs may branch on, such as `task` in `NOT_FOUND.task`.
    public var reason: String?
    /// True when the call surely never began, so that sending it again cannot do the work twice.
    public var notStarted: Bool
    /// True when a call that waits was ended because its server stops: made again elsewhere, with the time that is left,
    /// it goes on waiting.
    public var resume: Bool
    /// True when it was the connection that failed, not the server that answered. Never travels: behind a router the
    /// lost connection is somebody else's.
    package var isOfConnection: Bool
    /// How often the call was sent by somebody on its way who may send it again, us included; nil: by nobody. Whoever
    /// called does not send it again.
    public var tries: Int?
    /// How long to wait before trying again.
    public var retryAfter: Duration?
    /// What is wrong with which parameter.
    public var details: [RPCViolation]
    /// Free members for the façade's templates: a raw JSON object of at most 8 KiB.
    public var info: ByteBuffer?

    /// An error with one of our statuses; the code follows from it.
    public init(_ status: RPCStatus, reason: String? = nil, _ message: String) {
        self.init(code: status.code, status: status, reason: reason, message)
    }

    /// An error whose code is not its status' own, such as JSON-RPC's parse error.
    public init(code: Int, status: RPCStatus?, reason: String? = nil, _ message: String) {
        self.code = code
        self.status = status
        self.message = message
        self.reason = reason
        notStarted = false
        resume = false
        isOfConnection = false
        retryAfter = nil
        details = []
        info = nil
    }
}

extension RPCError {
    /// Invalid JSON was received.
    public static let parseError = -32700
    /// The JSON is not a request.
    public static let invalidRequest = -32600
    /// No such method.
    public static let methodNotFound = -32601
    /// The parameters do not fit the method.
    public static let invalidParams = -32602
    /// The handler failed in a way it did not foresee.
    public static let internalError = -32603
    /// A frame or body is longer than its receiver takes.
    public static let tooLarge = -32070
    /// None of the versions offered in `rpc.hello` is spoken here.
    public static let unsupportedVersion = -32071

    /// The HTTP status of this error where a façade names no other.
    public var httpStatus: Int {
        if code == Self.tooLarge { return 413 }
        return status?.httpStatus ?? 500
    }

    /// Several things wrong with the parameters of one call.
    public static func invalidArguments(_ details: [RPCViolation], reason: String? = nil) -> RPCError {
        let first = details.first.map { "\($0.pathText): \($0.message)" } ?? "invalid parameters"
        let more = details.count > 1 ? " (and \(details.count - 1) more)" : ""
        var error = RPCError(.invalidArgument, reason: reason, first + more)
        error.details = details
        return error
    }

    /// Text that is not JSON, or not JSON we accept.
    package static func malformed(_ message: String) -> RPCError {
        RPCError(code: parseError, status: .invalidArgument, reason: "json", message)
    }

    /// JSON that is not a JSON-RPC request.
    package static func notARequest(_ message: String) -> RPCError {
        RPCError(code: invalidRequest, status: .invalidArgument, reason: "request", message)
    }

    /// A method nobody registered; of a name as long as a frame the message keeps the beginning.
    package static func noSuchMethod(_ method: String) -> RPCError {
        RPCError(.unimplemented, reason: "method", "no method is named '\(method.prefix(100))'")
    }

    /// A frame above its receiver's limit; `info` carries both lengths in octets.
    package static func tooLong(limit: Int, length: Int) -> RPCError {
        var error = RPCError(
            code: tooLarge, status: .resourceExhausted, reason: "size",
            "a message of \(length) octets exceeds the limit of \(limit)")
        error.info = ByteBuffer(string: #"{"limit":\#(limit),"length":\#(length)}"#)
        return error
    }

    /// A call whose connection ended before its reply came.
    package static func connectionLost(_ message: String) -> RPCError {
        var error = RPCError(.unavailable, reason: "connection_lost", message)
        error.isOfConnection = true
        return error
    }

    /// Whether a server said so that stops, about a call it did not do or that can go on elsewhere.
    package var isOfDraining: Bool { status == .unavailable && reason == "draining" && (notStarted || resume) }

    /// A call that came while this side could not take it.
    package static func overloaded(_ message: String) -> RPCError {
        var error = RPCError(.unavailable, reason: "overloaded", message)
        error.notStarted = true
        return error
    }
}

extension RPCError: CustomStringConvertible {
    /// Code, status, reason and message on one line.
    public var description: String {
        let word = [status?.rawValue, reason].compactMap { $0 }.joined(separator: ".")
        return word.isEmpty ? "\(code): \(message)" : "\(code) \(word): \(message)"
    }
}
