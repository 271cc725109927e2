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
        var error = refusal.error
        if refusal.status == 503 { error.retryAfter = retryAfter }
        return facade.failure(error, status: refusal.status, environment: environment)
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
        case .requestTimeout: RPCError(.deadlineExceeded, reason: "request", text)
        case .headerTooLarge: RPCError(.resourceExhausted, reason: "header", text)
        default: RPCError(.invalidArgument, reason: "http", text)
        }
    }
}
