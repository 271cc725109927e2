import Gateway
import JSONBytes
import NIOCore
import RPC

/// Runs a case through the compiled façade alone, in the steps the HTTP server takes; streams end at the call.
struct FacadeCaseInterpreter {
    let facade: CompiledFacade
    let testCase: FacadeCase

    enum Outcome {
        case answer(HTTPAnswer)
        /// Bytes or events: the HTTP server's part.
        case streamed(CompiledOperation)
    }

    private(set) var calls: [(method: String, params: ByteBuffer?)] = []

    init(_ testCase: FacadeCase) throws {
        self.testCase = testCase
        facade = try FacadeDocument.compile(yaml: Array(testCase.facade.yaml.utf8), file: testCase.facade.file)
    }

    mutating func run() throws -> Outcome {
        let parts = testCase.target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var environment = TemplateEnvironment(
            requestID: testCase.header("x-request-id") ?? "", now: 1_700_000_000_000,
            query: parts.count > 1 ? parts[1] : "")
        switch facade.router.match(method: testCase.method, path: parts[0]) {
        case .notFound: return .answer(facade.failure(.unknownRoute, environment: environment))
        case .methodNotAllowed(let allow):
            return .answer(facade.failure(.methodNotAllowed(allow: allow), environment: environment))
        case .options(let allow):
            let headers = [("allow", allow.joined(separator: ", "))]
            return .answer(HTTPAnswer(status: 204, headers: headers, body: ByteBuffer()))
        case .operation(let operation, let pathValues):
            environment.pathValues = pathValues
            return try run(operation, environment)
        }
    }

    private mutating func run(_ operation: CompiledOperation, _ environment: TemplateEnvironment) throws -> Outcome {
        if let condition = bodyCondition(operation) {
            return .answer(operation.failure(condition, environment: environment))
        }
        let body = ByteBuffer(string: testCase.body)
        switch operation.parameters(path: environment.pathValues, query: environment.query, body: body) {
        case .failure(let error): return .answer(operation.failure(error, environment: environment))
        case .success(let params): calls.append((operation.method, params))
        }
        if operation.response == .events { return .streamed(operation) }
        switch testCase.reply {
        case .result(let value):
            return .answer(operation.success(result: ByteBuffer(bytes: value.bytes), environment: environment))
        case .error(let value):
            return .answer(operation.failure(RPCError(wire: value), environment: environment))
        case .stream: return .streamed(operation)
        }
    }

    private func bodyCondition(_ operation: CompiledOperation) -> GatewayCondition? {
        if operation.body == .none || testCase.body.isEmpty { return nil }
        if testCase.header("content-type") != "application/json" { return .unsupportedMediaType }
        if let limit = testCase.bodyBytesMax, testCase.body.utf8.count > limit { return .bodyTooLarge(limit: limit) }
        do throws(JSONSyntaxError) {
            _ = try JSONValue(parsing: Array(testCase.body.utf8))
            return nil
        } catch {
            return .malformedJSON(error)
        }
    }
}

extension RPCError {
    /// JSON-RPC's `error` object as `protocol/README.md` spells it.
    init(wire: JSONValue) {
        let data = wire["data"]
        let status = data?["status"]?.string.flatMap(RPCStatus.init)
        self.init(
            code: wire["code"]?.integer ?? 0, status: status, reason: data?["reason"]?.string,
            wire["message"]?.string ?? "")
        info = data?["info"].map { ByteBuffer(bytes: $0.bytes) }
        retryAfter = data?["retry_after_ms"]?.integer.map { .milliseconds($0) }
        details = (data?["details"]?.elements ?? []).map { detail in
            let path = (detail["path"]?.elements ?? []).compactMap { element -> RPCViolation.PathElement? in
                element.string.map { .name($0) } ?? element.integer.map { .index($0) }
            }
            return RPCViolation(
                path: path, message: detail["message"]?.string ?? "", type: detail["type"]?.string ?? "")
        }
    }
}
