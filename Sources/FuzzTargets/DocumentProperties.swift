import Gateway
import JSONBytes
import NIOCore
import RPC

extension FuzzTarget {
    /// A façade's document: what cannot be served is told by line, what can be served answers in JSON.
    static let documents = FuzzTarget(name: "documents") { octets throws(BrokenProperty) in
        let facade: CompiledFacade
        do throws(FacadeError) {
            facade = try FacadeDocument.compile(yaml: octets, file: "fuzz.yaml")
        } catch {
            return try checkProblems(error, of: octets)
        }
        guard let document = jsonValue(facade.openAPI) else { throw BrokenProperty("the document as JSON is not JSON") }
        try require(hasEachNameOnce(document), "the document as JSON has a name twice")
        for operation in facade.operations {
            try checkAnswers(of: operation, FacadeExample(pathValues: ["1", "2"], query: "a=1&b=%20&c"))
        }
        try checkJSON(facade.failure(.unknownRoute, environment: FacadeExample().environment))
    }
}

private func checkProblems(_ error: FacadeError, of octets: [UInt8]) throws(BrokenProperty) {
    try require(!error.problems.isEmpty, "refused without a reason")
    // YAML also ends lines with characters beyond ASCII, so this is only an upper bound.
    for problem in error.problems {
        try require(problem.file == "fuzz.yaml", "a problem in the file '\(problem.file)'")
        try require((1...octets.count + 1).contains(problem.line), "a problem in line \(problem.line)")
        try require(!problem.reason.isEmpty, "a problem without words")
    }
    let lines = error.problems.map(\.line)
    try require(lines == lines.sorted(), "the problems are not in the order of their lines")
}

private func hasEachNameOnce(_ value: JSONValue) -> Bool {
    switch value {
    case .object(let members):
        Set(members.map { Array($0.key.utf8) }).count == members.count
            && members.map(\.value).allSatisfy(hasEachNameOnce)
    case .array(let elements): elements.allSatisfy(hasEachNameOnce)
    default: true
    }
}
