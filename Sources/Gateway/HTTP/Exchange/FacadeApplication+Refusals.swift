import NIOCore
import RPC

extension FacadeApplication {
    func answer(to refusal: HTTPRefusal) -> HTTPReply {
        let environment = TemplateEnvironment(requestID: loop.identities.uuid(), now: LoopClock.milliseconds())
        return reply(to: refusal, environment)
    }

    /// The reply to a request that leads to no operation.
    func reply(to refusal: HTTPRefusal, _ environment: TemplateEnvironment) -> HTTPReply {
        let answer = answer(to: refusal, of: nil, environment)
        elsewhere.answered(status: answer.status)
        return HTTPReply(answer: answer, requestID: environment.requestID)
    }

    /// A refusal in the façade's dialect, or in the operation's own where it has one.
    func answer(
        to refusal: HTTPRefusal, of operation: CompiledOperation?, _ environment: TemplateEnvironment
    ) -> HTTPAnswer {
        if let condition = refusal.condition {
            return operation?.failure(condition, environment: environment)
                ?? facade.failure(condition, environment: environment)
        }
        if let guarded = guarded(refusal, of: operation, environment) { return guarded }
        var error = refusal.error
        if refusal.status == 503 { error.retryAfter = retryAfter }
        return facade.failure(error, status: refusal.status, environment: environment)
    }
}

extension FacadeApplication {
    /// The answers to who may not call, in the operation's own words where it has them.
    private func guarded(
        _ refusal: HTTPRefusal, of operation: CompiledOperation?, _ environment: TemplateEnvironment
    ) -> HTTPAnswer? {
        var error = refusal.error
        var challenge: String?
        switch refusal {
        case .unauthenticated(_, let text): challenge = text
        case .forbidden(let needs, let realm):
            let scope = needs.joined(separator: " ")
            challenge = #"Bearer realm="\#(realm)", error="insufficient_scope", scope="\#(scope)""#
        case .tooOften(let wait): error.retryAfter = Duration(wait)
        default: return nil
        }
        var answer =
            operation?.failure(error, environment: environment) ?? facade.failure(error, environment: environment)
        if let challenge { answer.headers.append(("www-authenticate", challenge)) }
        return answer
    }
}

extension HTTPRefusal {
    /// The condition façades have words for.
    fileprivate var condition: GatewayCondition? {
        switch self {
        case .unknownRoute: .unknownRoute
        case .methodNotAllowed(_, let allow): .methodNotAllowed(allow: allow)
        case .bodyNotJSON(let error): .malformedJSON(error)
        case .mediaType: .unsupportedMediaType
        case .bodyTooLarge(let limit): .bodyTooLarge(limit: limit)
        default: nil
        }
    }

    /// The refusal as the error a service could have answered.
    fileprivate var error: RPCError {
        switch self {
        case .foreignHost: RPCError(.permissionDenied, reason: "host", text)
        case .foreignOrigin: RPCError(.permissionDenied, reason: "origin", text)
        case .overloaded: RPCError(.unavailable, reason: "overloaded", text)
        case .unauthenticated: RPCError(.unauthenticated, reason: "credentials", text)
        case .forbidden: RPCError(.permissionDenied, reason: "scope", text)
        case .tooOften: RPCError(.resourceExhausted, reason: "rate", text)
        case .requestTimeout: RPCError(.deadlineExceeded, reason: "request", text)
        case .headerTooLarge: RPCError(.resourceExhausted, reason: "header", text)
        default: RPCError(.invalidArgument, reason: "http", text)
        }
    }
}
