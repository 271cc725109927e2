package import JSONBytes
package import RPC

/// What the gateway refuses itself, before any service is asked; façades shape these answers under their reasons.
package enum GatewayCondition: Sendable {
    /// `NOT_FOUND.route`
    case unknownRoute
    /// `UNIMPLEMENTED.method`
    case methodNotAllowed(allow: [String])
    /// `INVALID_ARGUMENT.json`
    case malformedJSON(JSONSyntaxError)
    /// `INVALID_ARGUMENT.media`
    case unsupportedMediaType
    /// `RESOURCE_EXHAUSTED.size`
    case bodyTooLarge(limit: Int)

    /// The condition as the error a service could have answered.
    package var error: RPCError {
        switch self {
        case .unknownRoute: RPCError(.notFound, reason: "route", "no such path")
        case .methodNotAllowed(let allow):
            RPCError(.unimplemented, reason: "method", "this path answers \(allow.joined(separator: ", "))")
        case .malformedJSON(let error): GatewayCondition.malformed(error)
        case .unsupportedMediaType:
            RPCError(.invalidArgument, reason: "media", "expected an uncompressed body of the type application/json")
        case .bodyTooLarge(let limit):
            RPCError(.resourceExhausted, reason: "size", "the body exceeds the limit of \(limit) bytes")
        }
    }

    /// The HTTP status where a façade names no other: HTTP has words of its own for these.
    package var status: Int {
        switch self {
        case .unknownRoute: 404
        case .methodNotAllowed: 405
        case .malformedJSON: 400
        case .unsupportedMediaType: 415
        case .bodyTooLarge: 413
        }
    }

    private static func malformed(_ syntax: JSONSyntaxError) -> RPCError {
        var error = RPCError(
            .invalidArgument, reason: "json",
            "the body is not JSON: \(syntax.reason.rawValue) at offset \(syntax.offset)")
        error.details = [
            RPCViolation(path: [.index(syntax.offset)], message: "JSON decode error", type: "json_invalid")
        ]
        return error
    }
}
