import JSONBytes
import NIOCore

/// Why the gateway itself turns a request down, before any service is asked.
enum HTTPRefusal: Error {
    /// Not HTTP, or HTTP that two parsers could read differently.
    case malformed(String)
    case headerTooLarge(limit: Int)
    case requestTimeout
    case unknownExpectation
    case foreignHost(String)
    case foreignOrigin(String)
    case unknownRoute(String)
    case methodNotAllowed(String, allow: [String])
    case bodyTooLarge(limit: Int)
    case bodyNotJSON(JSONSyntaxError)
    case mediaType(String)
    case overloaded
    /// Nothing was shown, or nothing that is right; `challenge` says how to do better.
    case unauthenticated(String, challenge: String)
    case forbidden(needs: [String], realm: String)
    case tooOften(retryAfter: TimeAmount)
}

extension HTTPRefusal {
    /// HTTP's own word for it.
    var status: Int {
        switch self {
        case .malformed, .bodyNotJSON: 400
        case .unauthenticated: 401
        case .foreignHost, .foreignOrigin, .forbidden: 403
        case .unknownRoute: 404
        case .methodNotAllowed: 405
        case .requestTimeout: 408
        case .bodyTooLarge: 413
        case .mediaType: 415
        case .unknownExpectation: 417
        case .tooOften: 429
        case .headerTooLarge: 431
        case .overloaded: 503
        }
    }

    /// What was expected and what was found.
    var text: String {
        switch self {
        case .malformed(let text): text
        case .headerTooLarge(let limit): "the header exceeds the limit of \(limit) bytes"
        case .requestTimeout: "the request did not arrive in time"
        case .unknownExpectation: "100-continue is the one expectation understood here"
        case .foreignHost(let host): "'\(host)' is not a host of this server"
        case .foreignOrigin(let origin): "pages of '\(origin)' may not send this request"
        case .unknownRoute: "no such path"
        case .methodNotAllowed(_, let allow): "this path answers \(allow.joined(separator: ", "))"
        case .bodyTooLarge(let limit): "the body exceeds the limit of \(limit) bytes"
        case .bodyNotJSON(let error): "the body is not json: \(error)"
        case .mediaType(let type): "expected an uncompressed body of the type application/json, found '\(type)'"
        case .overloaded: "too much is under way, try again later"
        case .unauthenticated(let text, _): text
        case .forbidden(let needs, _):
            "this call needs what the caller is not allowed: \(needs.joined(separator: ", "))"
        case .tooOften: "too many calls, try again later"
        }
    }
}
