package import NIOCore
package import RPC

/// One documented operation, ready to be served: what to call, with what, and how to say the answer.
///
/// A class, so that finding it costs one retain and not one per member.
package final class CompiledOperation: Sendable {
    /// How the answer leaves.
    package enum Response: String, Sendable {
        /// One JSON text.
        case json
        /// Bytes as they come, with the service's own type, name and size.
        case stream
        /// Server-sent events.
        case events
    }

    /// Where the request's body goes.
    package enum Body: Sendable, Equatable {
        case none
        /// The body is the parameters.
        case whole
        /// The body is the parameter of this name.
        case named(String)
    }

    /// `operationId`, or method and path.
    package let id: String
    /// The RPC method.
    package let method: String
    package let response: Response
    /// Nil: the call waits for a job, whose own deadline holds.
    package let timeout: Duration?
    package let body: Body
    package let isBodyRequired: Bool
    /// The method takes `meta.idem`: a client's `Idempotency-Key` goes along.
    package let isKeyed: Bool
    /// The status of a success.
    package let successStatus: Int
    /// What callers must show where the façade knows callers: one of these. Nil: the document says nothing.
    package let security: [SecurityRequirement]?

    private let requestParameters: [RequestParameter]
    private let successTemplate: Template
    private let errors: ErrorAnswers
    private let locator: ViolationLocator

    init(
        id: String, method: String, response: Response, timeout: Duration?, body: Body, isBodyRequired: Bool,
        isKeyed: Bool, successStatus: Int, security: [SecurityRequirement]?, parameters: [RequestParameter],
        success: Template, errors: ErrorAnswers
    ) {
        self.id = id
        self.method = method
        self.response = response
        self.timeout = timeout
        self.body = body
        self.isBodyRequired = isBodyRequired
        self.isKeyed = isKeyed
        self.successStatus = successStatus
        self.security = security
        requestParameters = parameters
        successTemplate = success
        self.errors = errors
        locator = ViolationLocator(parameters: parameters, body: body)
    }
}

extension CompiledOperation {
    /// The call's parameters: path and query values coerced, the body spliced as it came; nil: none at all.
    ///
    /// The body, if there is one, was found to be well-formed JSON before; an unchecked one could close the envelope.
    package func parameters(path: [Substring], query: Substring, body: ByteBuffer?) -> Result<ByteBuffer?, RPCError> {
        let body = body?.readableBytes == 0 ? nil : body
        if let fault = bodyFault(body) { return .failure(refusal([fault])) }
        if self.body == .whole { return .success(body) }
        if requestParameters.isEmpty && self.body == .none { return .success(nil) }

        var buffer = ByteBufferAllocator().buffer(capacity: 64 + query.utf8.count * 2 + (body?.readableBytes ?? 0))
        buffer.writeStaticString("{")
        let violations = requestParameters.write(pathValues: path, query: query, to: &buffer)
        if !violations.isEmpty { return .failure(refusal(violations)) }
        if case .named(let name) = self.body, let body {
            if buffer.readableBytes > 1 { buffer.writeStaticString(",") }
            buffer.writeJSONString(name)
            buffer.writeStaticString(":")
            buffer.writeImmutableBuffer(body)
        }
        buffer.writeStaticString("}")
        return .success(buffer)
    }

    /// The answer to a call that succeeded: the template's fixed bytes around the result's own.
    package func success(result: ByteBuffer, environment: TemplateEnvironment) -> HTTPAnswer {
        if successStatus == noContent { return HTTPAnswer(status: noContent, headers: [], body: ByteBuffer()) }
        if successTemplate.isBareResult {
            return HTTPAnswer(status: successStatus, headers: HTTPAnswer.jsonHeaders, body: result)
        }
        let capacity = successTemplate.fixedCount + result.readableBytes + environment.requestID.utf8.count + 64
        var body = ByteBufferAllocator().buffer(capacity: capacity)
        var values = values(environment)
        values.result = result
        successTemplate.write(values, to: &body)
        return HTTPAnswer(status: successStatus, headers: HTTPAnswer.jsonHeaders, body: body)
    }

    /// The answer to a call that failed, its violations located where the client put the values.
    package func failure(_ error: RPCError, environment: TemplateEnvironment) -> HTTPAnswer {
        failure(error, status: error.httpStatus, environment)
    }

    /// The answer to a request of this operation that the gateway refuses itself.
    package func failure(_ condition: GatewayCondition, environment: TemplateEnvironment) -> HTTPAnswer {
        failure(condition.error, status: condition.status, environment)
    }

    private func failure(_ error: RPCError, status: Int, _ environment: TemplateEnvironment) -> HTTPAnswer {
        var values = values(environment)
        values.details = error.details.map(locator.located)
        return errors.write(error, status: status, values)
    }

    private func values(_ environment: TemplateEnvironment) -> TemplateValues {
        TemplateValues(status: successStatus, environment: environment, parameters: requestParameters)
    }

    /// The message names the client's own words, the details those of the method: `failure` translates them.
    private func refusal(_ violations: [RPCViolation]) -> RPCError {
        var error = RPCError.invalidArguments(violations.map(locator.located))
        error.details = violations
        return error
    }

    private func bodyFault(_ body: ByteBuffer?) -> RPCViolation? {
        guard let body else {
            if !isBodyRequired { return nil }
            return RPCViolation(
                path: bodyPath, message: ParameterFault.missing.message, type: ParameterFault.missing.type)
        }
        if self.body != .whole || body.isJSONObject { return nil }
        let fault = ParameterFault.notAnObject
        return RPCViolation(path: bodyPath, message: fault.message, type: fault.type)
    }

    private var bodyPath: [RPCViolation.PathElement] {
        if case .named(let name) = body { [.name(name)] } else { [] }
    }
}

/// HTTP forbids a body here.
private let noContent = 204

extension ByteBuffer {
    /// Whether well-formed JSON is an object.
    fileprivate var isJSONObject: Bool {
        let first = readableBytesView.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        return first == UInt8(ascii: "{")
    }
}
