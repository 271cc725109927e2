import Gateway
import NIOCore

/// Small façades for the tables of the unit tests.
enum ShopFacade {
    /// A façade of one GET operation, its parts written as they stand in a document.
    static func operation(
        parameters: String = "[]", call: String = "", success: String = "$result",
        failure: String = "{error: $error.message}"
    ) throws -> CompiledOperation {
        let yaml = """
            openapi: 3.1.0
            info: {title: Shop, version: "1"}
            x-facade:
              name: shop
              listen: 127.0.0.1:9000
              errors: {default: {body: \(failure)}}
            paths:
              /items/{id}:
                get:
                  parameters: [{name: id, in: path, required: true, schema: {type: string}}, \(parameters.dropFirst())
                  responses: {"201": {description: Done.}}
                  x-rpc: {method: shop.item.get, success: \(success)\(call.isEmpty ? "" : ", \(call)")}
            """
        return try FacadeDocument.compile(yaml: Array(yaml.utf8), file: "shop.yaml").operations[0]
    }

    /// A façade that only has routes, given as `METHOD /path`; each operation's id is its route.
    static func routes(_ routes: [String]) throws -> RouteTable {
        var paths: [(path: String, methods: [String])] = []
        for route in routes {
            let words = route.split(separator: " ").map(String.init)
            if let index = paths.firstIndex(where: { $0.path == words[1] }) {
                paths[index].methods.append(words[0])
            } else {
                paths.append((words[1], [words[0]]))
            }
        }
        let items = paths.map { path, methods in "  \(path):\n" + methods.map { item($0, path) }.joined() }
        let yaml = """
            openapi: 3.1.0
            info: {title: Shop, version: "1"}
            x-facade: {name: shop, listen: "127.0.0.1:9000", errors: {default: {body: null}}}
            paths:\n
            """ + items.joined()
        return try FacadeDocument.compile(yaml: Array(yaml.utf8), file: "shop.yaml").router
    }

    private static func item(_ method: String, _ path: String) -> String {
        let names = path.split(separator: "/").filter { $0.hasPrefix("{") }.map { $0.dropFirst().dropLast() }
        let parameters = names.map { "{name: \($0), in: path, required: true, schema: {type: string}}" }
        return """
                \(method.lowercased()):
                  parameters: [\(parameters.joined(separator: ", "))]
                  x-rpc: {method: a.b}\n
            """
    }
}
