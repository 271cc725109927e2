package import RPC

/// A façade ready to be served.
package struct CompiledFacade: Sendable {
    /// `export`, `scrape`, …
    package let name: String
    /// `HOST:PORT` as documented; the configuration may name another.
    package let listen: String
    package let router: RouteTable
    /// Every operation, in the document's order.
    package let operations: [CompiledOperation]
    /// The document as JSON, without our extension words: what `/openapi.json` answers.
    package let openAPI: [UInt8]

    private let errors: ErrorAnswers

    init(
        name: String, listen: String, router: RouteTable, operations: [CompiledOperation], openAPI: [UInt8],
        errors: ErrorAnswers
    ) {
        self.name = name
        self.listen = listen
        self.router = router
        self.operations = operations
        self.openAPI = openAPI
        self.errors = errors
    }

    /// The answer to an error outside any operation; `status` is HTTP's own word for it, where it has one.
    package func failure(
        _ error: RPCError, status: Int? = nil, environment: TemplateEnvironment
    ) -> HTTPAnswer {
        errors.write(error, status: status ?? error.httpStatus, TemplateValues(status: 0, environment: environment))
    }

    /// The answer to a request that leads to no operation, in the façade's dialect; 405 carries `Allow`.
    package func failure(_ condition: GatewayCondition, environment: TemplateEnvironment) -> HTTPAnswer {
        let values = TemplateValues(status: 0, environment: environment, details: condition.error.details)
        var answer = errors.write(condition.error, status: condition.status, values)
        if case .methodNotAllowed(let allow) = condition {
            answer.headers.append(("allow", allow.joined(separator: ", ")))
        }
        return answer
    }
}
