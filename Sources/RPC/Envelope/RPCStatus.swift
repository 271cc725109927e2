/// What went wrong, in the words of gRPC's status list: the part of an error that says what a caller should do next.
///
/// `protocol/README.md`, "Errors", holds the same table; the raw value is the spelling in `data.status`.
public enum RPCStatus: String, Sendable, Hashable, CaseIterable {
    case cancelled = "CANCELLED"
    case unknown = "UNKNOWN"
    case invalidArgument = "INVALID_ARGUMENT"
    case deadlineExceeded = "DEADLINE_EXCEEDED"
    case notFound = "NOT_FOUND"
    case alreadyExists = "ALREADY_EXISTS"
    case permissionDenied = "PERMISSION_DENIED"
    case resourceExhausted = "RESOURCE_EXHAUSTED"
    case failedPrecondition = "FAILED_PRECONDITION"
    case aborted = "ABORTED"
    case outOfRange = "OUT_OF_RANGE"
    case unimplemented = "UNIMPLEMENTED"
    case `internal` = "INTERNAL"
    case unavailable = "UNAVAILABLE"
    case dataLoss = "DATA_LOSS"
    case unauthenticated = "UNAUTHENTICATED"

    /// The JSON-RPC error code: −(32050 + gRPC's number), except where JSON-RPC has a code of its own.
    public var code: Int {
        switch self {
        case .cancelled: -32051
        case .unknown: -32052
        case .invalidArgument: RPCError.invalidParams
        case .deadlineExceeded: -32054
        case .notFound: -32055
        case .alreadyExists: -32056
        case .permissionDenied: -32057
        case .resourceExhausted: -32058
        case .failedPrecondition: -32059
        case .aborted: -32060
        case .outOfRange: -32061
        case .unimplemented: RPCError.methodNotFound
        case .internal: RPCError.internalError
        case .unavailable: -32064
        case .dataLoss: -32065
        case .unauthenticated: -32066
        }
    }

    /// The HTTP status a façade answers with when its document names no other.
    public var httpStatus: Int {
        switch self {
        case .cancelled: 499
        case .invalidArgument, .failedPrecondition, .outOfRange: 400
        case .deadlineExceeded: 504
        case .notFound: 404
        case .alreadyExists, .aborted: 409
        case .permissionDenied: 403
        case .resourceExhausted: 429
        case .unimplemented: 501
        case .unknown, .internal, .dataLoss: 500
        case .unavailable: 503
        case .unauthenticated: 401
        }
    }

    /// Whether trying again can help, and on which condition.
    public var retryAdvice: RPCRetryAdvice {
        switch self {
        case .deadlineExceeded: .ifIdempotent
        case .resourceExhausted: .afterDelay
        case .aborted: .atHigherLevel
        case .unavailable: .ifNotStartedOrIdempotent
        default: .never
        }
    }

    /// The status a code stands for; nil for codes of JSON-RPC's own framing errors and for strangers' codes.
    public init?(code: Int) {
        guard let status = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = status
    }
}

/// When a failed call may be sent again.
public enum RPCRetryAdvice: Sendable, Hashable {
    case never
    case ifIdempotent
    case ifNotStartedOrIdempotent
    case afterDelay
    /// The whole read-modify-write of the caller has to start anew, not this one call.
    case atHigherLevel
}
