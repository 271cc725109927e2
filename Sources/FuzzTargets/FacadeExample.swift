import Gateway
import JSONBytes
import NIOCore
import RPC

/// A request as an operation gets it, and what the service answers.
struct FacadeExample {
    var pathValues: [Substring] = []
    var query: Substring = ""
    var body: ByteBuffer?
    var result = ByteBuffer(string: "{}")
    var error = RPCError(.notFound, reason: "route", "no such thing")

    var environment: TemplateEnvironment {
        TemplateEnvironment(requestID: "request-1", now: 1_625_106_204_000, pathValues: pathValues, query: query)
    }
}

/// Whatever an operation is asked, its call's parameters are JSON, and so is what it answers.
func checkAnswers(of operation: CompiledOperation, _ example: FacadeExample) throws(BrokenProperty) {
    switch operation.parameters(path: example.pathValues, query: example.query, body: example.body) {
    case .success(let params):
        if let params, operation.body != .whole { try checkParameters(params) }
    case .failure(let error):
        try require(error.status == .invalidArgument && !error.details.isEmpty, "refused with \(error)")
        try checkJSON(operation.failure(error, environment: example.environment))
    }
    try checkJSON(operation.success(result: example.result, environment: example.environment))
    try checkJSON(operation.failure(example.error, environment: example.environment))
    try checkJSON(operation.failure(.bodyTooLarge(limit: 1), environment: example.environment))
}

/// An answer has a status and a body in JSON, or no body where HTTP forbids one.
func checkJSON(_ answer: HTTPAnswer) throws(BrokenProperty) {
    try require((100...599).contains(answer.status), "the status \(answer.status)")
    if answer.status == 204 && answer.body.readableBytes == 0 { return }
    try require(jsonValue(answer.body.octets, depthMax: 2048) != nil, "not JSON: \(answer.body.octets.text)")
}

/// Two readers of the parameters find the same in them: one object, each name once.
private func checkParameters(_ params: ByteBuffer) throws(BrokenProperty) {
    guard let members = jsonValue(params.octets, depthMax: 1024)?.members else {
        throw BrokenProperty("parameters that are no object: \(params.octets.text)")
    }
    let names = members.map { Array($0.key.utf8) }
    try require(Set(names).count == names.count, "a parameter stands twice: \(params.octets.text)")
}
