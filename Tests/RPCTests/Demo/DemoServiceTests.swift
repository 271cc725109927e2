import DemoService
import JSONBytes
import ProtocolDocuments
import RPC
import Testing

/// The demo methods and their description, which promise the same.
@Suite struct DemoServiceTests {
    private static let description = (try? JSONValue(parsing: ProtocolDocuments.demoMethods)) ?? .null
    private static let methods = description["methods"]?.elements ?? []

    @Test func everyMethodIsDescribedAndEveryDescribedMethodExists() {
        #expect(Self.methods.compactMap { $0["name"]?.string }.sorted() == DemoService.methods().names)
    }

    @Test func discoverAnswersTheDescription() async throws {
        let found = try await answer(to: request("rpc.discover", .array([])))
        #expect(found["result"]?.canonicalBytes == Self.description.canonicalBytes)
    }

    @Test(
        arguments: methods.flatMap { method in
            (method["examples"]?.elements ?? []).map { DemoExample(method: method, example: $0) }
        })
    func examplesAnswerWhatTheyPromise(_ example: DemoExample) async throws {
        let found = try await answer(to: request(example.method, example.params))
        #expect(found["result"]?.canonicalBytes == example.result?.canonicalBytes, "\(found)")
    }

    @Test(arguments: [
        (#"{"minuend":1}"#, "subtract", #"["subtrahend"]"#, "missing"),
        (#"{"minuend":null,"subtrahend":1}"#, "subtract", #"["minuend"]"#, "float_type"),
        ("[1]", "subtract", "[1]", "missing"), ("[1,2,3]", "subtract", "[2]", "too_long"),
        (#"[1,2,"3"]"#, "sum", "[2]", "float_type"), (#"{"a":1}"#, "sum", "[]", "list_type"),
        ("{}", "demo.sleep", #"["ms"]"#, "missing"), (#"{"ms":1.5}"#, "demo.sleep", #"["ms"]"#, "int_type"),
        (#"{"ms":-1}"#, "demo.sleep", #"["ms"]"#, "greater_than_equal"),
        (#"{"ms":60001}"#, "demo.sleep", #"["ms"]"#, "less_than_equal"),
        (#"{"to":1,"progress":"yes"}"#, "demo.count", #"["progress"]"#, "bool_type"),
        (#"{"bytes":1073741825}"#, "demo.stream", #"["bytes"]"#, "less_than_equal"),
    ])
    func parametersThatDoNotFitAreNamed(_ params: String, method: String, path: String, type: String) async throws {
        let found = try await answer(to: request(method, JSONValue(parsing: params.utf8)))
        #expect(found["error"]?["code"] == -32602)
        #expect(found["error"]?["data"]?["details"]?[0]?["path"]?.description == path)
        #expect(found["error"]?["data"]?["details"]?[0]?["type"]?.string == type)
    }

    @Test(arguments: [
        ("[9223372036854775807,1]", "sum", "9.223372036854776e+18"), ("[]", "sum", "0"), ("[0.5,0.25]", "sum", "0.75"),
        ("[-9223372036854775808,1]", "subtract", "-9.223372036854776e+18"), ("[2,0.5]", "subtract", "1.5"),
    ])
    func numbersStayWholeWhileTheyCan(_ params: String, method: String, expected: String) async throws {
        let found = try await answer(to: request(method, JSONValue(parsing: params.utf8)))
        #expect(found["result"]?.description == expected)
    }

    private func request(_ method: String, _ params: JSONValue) -> JSONValue {
        ["jsonrpc": "2.0", "id": 1, "method": .string(method), "params": params]
    }

    private func answer(to request: JSONValue) async throws -> JSONValue {
        var answer = JSONValue.null
        try await withDemoServer { port in
            let peer = try await VectorPeer(port: port, octetByOctet: false)
            try await peer.send(VectorOctets.framed(request.bytes))
            if case .plain(let octets) = try await peer.frame() { answer = try JSONValue(parsing: octets) }
            await peer.close()
        }
        return answer
    }
}

/// An example of an OpenRPC document, as a call.
struct DemoExample: Sendable, CustomTestStringConvertible {
    let method: String
    let params: JSONValue
    let result: JSONValue?
    let testDescription: String

    init(method: JSONValue, example: JSONValue) {
        self.method = method["name"]?.string ?? ""
        let given = example["params"]?.elements ?? []
        params =
            method["paramStructure"] == "by-name"
            ? .object(given.map { JSONMember($0["name"]?.string ?? "", $0["value"] ?? .null) })
            : .array(given.map { $0["value"] ?? .null })
        result = example["result"]?["value"]
        testDescription = "\(self.method): \(example["name"]?.string ?? "")"
    }
}
