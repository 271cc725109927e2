import TestSupport

/// A paginated source in the document's form whose pages from `pageHeld` on wait until the test releases them.
final class HeldSource: Sendable {
    private let gate: Gate
    private let server: HTTPTestServer

    /// Rows are `{"id": n, "name": "row n"}`, n from 0.
    static func start(rows: Int, pageHeld: Int, host: String = "127.0.0.1") async throws -> HeldSource {
        let gate = Gate()
        let server = try await HTTPTestServer(host: host) { request in
            let page = request.query["page"].flatMap { Int($0) } ?? 1
            let limit = request.query["limit"].flatMap { Int($0) } ?? 10
            if page >= pageHeld { await gate.wait() }
            return .json(body(page: page, limit: limit, total: rows))
        }
        return HeldSource(gate: gate, server: server)
    }

    private init(gate: Gate, server: HTTPTestServer) {
        self.gate = gate
        self.server = server
    }

    var port: Int { server.port }
    var url: String { server.url + "/rows" }
    var isHolding: Bool { gate.waitingCount > 0 }

    func release() { gate.open() }
    func close() async { await server.close() }

    private static func body(page: Int, limit: Int, total: Int) -> String {
        let first = min(total, (page - 1) * limit)
        let rows = (first..<min(total, first + limit)).map { #"{"id":\#($0),"name":"row \#($0)"}"# }
        let all = ([#"{"id":"Number","name":"Name"}"#] + rows).joined(separator: ",")
        let tag = #"{"page":\#(page),"limit":\#(limit),"total":\#(total),"total_page":\#((total + limit - 1) / limit)}"#
        return #"{"errcode":0,"msg":"","data":{"data":[\#(all)],"pagetag":\#(tag)},"request_id":"r"}"#
    }
}
