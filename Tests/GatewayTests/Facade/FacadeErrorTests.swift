import Gateway
import Testing

@Suite("What the façade compiler refuses")
struct FacadeErrorTests {
    struct Mistake: Sendable, CustomTestStringConvertible {
        let change: (from: String, to: String)
        let line: Int
        let reason: String
        var testDescription: String { reason }
    }

    /// A document without mistakes; each case makes one.
    static let document = """
        openapi: 3.1.0
        info: {title: Shop, version: "1"}
        x-facade:
          name: shop
          listen: 127.0.0.1:9000
          success: {data: $result, id: $requestID}
          errors:
            default: {body: {error: $error.message, items: $error.details?}, detail: {at: $item.path}}
        paths:
          /items/{id}:
            get:
              operationId: getItem
              parameters:
                - {name: id, in: path, required: true, schema: {type: string}}
                - {name: size, in: query, schema: {type: integer, default: 1}}
              responses: {"200": {description: The item.}}
              x-rpc: {method: shop.item.get, timeout: 5s, rename: {size: count}}
          /items:
            post:
              requestBody: {content: {application/json: {}}}
              x-rpc: {method: shop.item.add, body: "*", errors: {NOT_FOUND.shop: {status: 409, body: {}}}}
        """

    static let mistakes: [Mistake] = [
        mistake("x-rpc: {method: shop.item.get, ", "x-rpc: {methud: a, ", 17, "unknown word 'methud' in x-rpc"),
        mistake("listen:", "listens: a\n  listen:", 5, "unknown word 'listens' in x-facade"),
        mistake("operationId: getItem", "operationID: getItem", 12, "unknown word 'operationID' in an operation"),
        mistake("timeout: 5s", "keyed: maybe", 17, "expected keyed: true or false"),
        mistake("$result,", "$results,", 6, "'$results' names nothing here"),
        mistake("$result,", "$error.message,", 6, "'$error.message' names nothing here"),
        mistake("$result,", "$path.id,", 6, "'$path.id' names nothing here"),
        mistake("$item.path", "$item.place", 8, "'$item.place' names nothing here"),
        mistake(
            "default: {body", "NOT_FOUND: {body", 7,
            "no default error: an error that no other key matches would have no answer"),
        mistake(
            "NOT_FOUND.shop", "NOTFOUND.shop", 21, "expected STATUS, STATUS.reason or default, found 'NOTFOUND.shop'"),
        mistake("status: 409", "status: 99", 21, "expected an HTTP status from 200 to 599"),
        mistake("/items:", "/items/{name}:", 18, "'/items/{name}' is the same route as the path at line 10"),
        mistake(
            "/items:", "/items-{name}:", 18,
            "expected a fixed segment or one name in braces, found 'items-{name}' in '/items-{name}'"),
        mistake("body: \"*\"", "body: 7", 21, "expected body: \"*\" or the name of a parameter"),
        mistake("body: \"*\", ", "", 20, "the request body goes nowhere: x-rpc has no word body"),
        mistake("default: 1", "default: one", 15, "the default is not what its own schema allows"),
        mistake(
            "type: integer", "type: int", 15,
            "expected the type of a path or query value: string, integer, number or boolean"),
        mistake("in: path", "in: query", 11, "'{id}' of the path is not among the parameters"),
        mistake("size: count", "sise: count", 17, "'sise' is no path or query parameter of this operation"),
        mistake("size: count", "size: id", 11, "two parameters would both be named 'id' in the call"),
        mistake("5s", "5 s", 17, "expected a timeout such as 500ms, 30s, 5m or job, found '5 s'"),
        mistake("127.0.0.1:9000", "127.0.0.1", 5, "expected listen: HOST:PORT, found '127.0.0.1'"),
        mistake("openapi: 3.1.0", "openapi: 3.0.0", 1, "expected openapi: 3.1.x"),
        mistake(
            "content: {application/json: {}}", "$ref: '#/components/a'", 20,
            "'#/components/a' leads to nothing in this document"),
        mistake(
            "x-rpc: {method: shop.item.get", "x-rpc2: {method: shop.item.get", 11,
            "the operation has no x-rpc: nothing would answer it"),
        mistake("post:", "POST:", 19, "unknown word 'POST' in a path"),
    ]

    private static func mistake(_ from: String, _ to: String, _ line: Int, _ reason: String) -> Mistake {
        Mistake(change: (from, to), line: line, reason: reason)
    }

    @Test("one mistake is reported with its file, line and reason", arguments: mistakes)
    func reported(mistake: Mistake) throws {
        let yaml = Self.document.replacing(mistake.change.from, with: mistake.change.to, maxReplacements: 1)
        let error = #expect(throws: FacadeError.self) { try Self.compile(yaml) }
        let expected = FacadeError.Problem(file: "shop.yaml", line: mistake.line, reason: mistake.reason)
        #expect(error?.problems.contains(expected) == true, "\(error.map(String.init(describing:)) ?? "")")
    }

    @Test("the document without mistakes compiles")
    func clean() throws {
        let facade = try Self.compile(Self.document)
        #expect(facade.operations.map(\.id) == ["getItem", "POST /items"])
        #expect(facade.operations[0].timeout == .seconds(5))
    }

    @Test("every mistake of a file is reported, in the order of its lines")
    func all() {
        let yaml = Self.document
            .replacing("$requestID", with: "$request")
            .replacing("body: \"*\"", with: "body: ''")
            .replacing("type: integer", with: "type: text")
        let error = #expect(throws: FacadeError.self) { try Self.compile(yaml) }
        #expect(error?.problems.map(\.line) == [6, 15, 21])
    }

    @Test(
        "a text that is not YAML is refused with its line",
        arguments: [
            ("a: [1\nb: 2", 2), ("a: 1\na: 2", 1), ("", 1), ("- 1", 1), ("\"", 1), ("a: 1\n[b]: 2", 2),
            ("1: 1\n\"1\": 2", 2),
        ])
    func notYAML(yaml: String, line: Int) {
        let error = #expect(throws: FacadeError.self) { try Self.compile(yaml) }
        #expect(error?.problems.first?.line == line, "\(error.map(String.init(describing:)) ?? "")")
    }

    @Test("aliases that grow or nest without bound are refused with their line")
    func aliases() {
        let grown =
            "a0: &a0 [1, 1, 1, 1]\n"
            + (1..<11).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1), *a\($0 - 1)]\n" }.joined()
        // As a key it would be hashed with all it holds, before there is a tree.
        let many =
            "a0: &a0 [1, 1, 1, 1]\n"
            + (1..<10).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1), *a\($0 - 1), *a\($0 - 1)]\n" }.joined()
            + "*a9 : 1\n"
        let nested =
            "a0: &a0 1\n"
            + (1..<12).map { level in
                "a\(level): &a\(level) \(String(repeating: "[", count: 50))*a\(level - 1)\(String(repeating: "]", count: 50))\n"
            }.joined()
        for (yaml, reason) in [
            (grown, "a document of more than 100000 values"), (many, "more than 32 aliases; $ref is not limited"),
            (nested, "nested more than 256 levels deep"),
        ] {
            let error = #expect(throws: FacadeError.self) { try Self.compile(yaml) }
            #expect(error?.problems.map(\.reason) == [reason])
        }
    }

    private static func compile(_ yaml: String) throws(FacadeError) -> CompiledFacade {
        try FacadeDocument.compile(yaml: Array(yaml.utf8), file: "shop.yaml")
    }
}
