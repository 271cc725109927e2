import Gateway
import Testing

@Suite("Which operation a path leads to")
struct RouteTableTests {
    static let routes = [
        "GET /", "GET /tasks", "POST /tasks", "GET /tasks/{id}", "DELETE /tasks/{id}", "POST /tasks/{id}/start",
        "POST /tasks/export/{id}", "POST /tasks/batch", "GET /down/{month}/{day}/{file}", "OPTIONS /open",
    ]

    @Test(
        "static segments win over parameters, a trailing slash means the same, nothing is tried twice",
        arguments: [
            ("GET", "/", "GET /", []),
            ("GET", "/tasks", "GET /tasks", []),
            ("GET", "/tasks/", "GET /tasks", []),
            ("HEAD", "/tasks", "GET /tasks", []),
            ("GET", "/t%61sks", "GET /tasks", []),
            ("GET", "/tasks/7", "GET /tasks/{id}", ["7"]),
            ("GET", "/tasks/%2Fa%20b", "GET /tasks/{id}", ["%2Fa%20b"]),
            ("POST", "/tasks/7/start", "POST /tasks/{id}/start", ["7"]),
            ("POST", "/tasks/export/7", "POST /tasks/export/{id}", ["7"]),
            ("POST", "/tasks/export/start", "POST /tasks/export/{id}", ["start"]),
            ("GET", "/down/202109/06/a.zip", "GET /down/{month}/{day}/{file}", ["202109", "06", "a.zip"]),
            ("OPTIONS", "/open", "OPTIONS /open", []),
        ])
    func found(method: String, path: String, id: String, values: [String]) throws {
        guard case .operation(let operation, let found) = try match(method, path) else {
            Issue.record("nothing was found")
            return
        }
        #expect(operation.id == id)
        #expect(found.map(String.init) == values)
    }

    @Test(
        "what leads nowhere",
        arguments: [
            ("GET", ""), ("GET", "tasks"), ("GET", "//"), ("GET", "/tasks//start"), ("GET", "/task"), ("GET", "/down"),
            ("GET", "/tasks/export"), ("POST", "/tasks/export/7/start"), ("POST", "/tasks/batch/start"),
        ])
    func notFound(method: String, path: String) throws {
        guard case .notFound = try match(method, path) else {
            Issue.record("expected nothing at \(path)")
            return
        }
    }

    @Test("a known path with an unknown method names the methods there are")
    func methods() throws {
        guard case .methodNotAllowed(let allow) = try match("PUT", "/tasks") else {
            Issue.record("expected the methods")
            return
        }
        #expect(allow == ["GET", "POST", "HEAD", "OPTIONS"])
        guard case .options(let options) = try match("OPTIONS", "/tasks/batch") else {
            Issue.record("expected the methods")
            return
        }
        #expect(options == ["POST", "OPTIONS"])
    }

    private func match(_ method: String, _ path: String) throws -> RouteMatch {
        try ShopFacade.routes(Self.routes).match(method: method, path: path[...])
    }
}
