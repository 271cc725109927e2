import JSONBytes
import TestSupport

/// The export façade as its users call it.
struct ExportClient: Sendable {
    let baseURL: String

    /// The body of the document's example, with what a test changes.
    static func body(
        source: String, title: String = "end to end", limit: Int = 1000, conn: Int = 5, callback: String = "",
        extType: String = "XLSX"
    ) -> String {
        """
        {"timestamp": 1625106204, "ext_type": "\(extType)", "title": "\(title)", "user_id": "123",
         "callback": "\(callback)", "source_http": {"url": "\(source)", "method": "GET", "header": {},
         "conn": \(conn), "param": {"limit": \(limit)}}}
        """
    }

    func submit(_ body: String) async throws -> String {
        let answer = try await HTTP.post(baseURL + "/v1/export/http", body)
        guard answer.status == 200, let key = try answer.json["data"]?["hash_key"]?.string else {
            throw Unexpected(answer: answer)
        }
        return key
    }

    func detail(_ key: String) async throws -> JSONValue {
        let answer = try await HTTP.get(baseURL + "/v1/export/detail?key=" + key)
        guard answer.status == 200, let detail = try answer.json["data"] else { throw Unexpected(answer: answer) }
        return detail
    }

    /// The detail of an export that is no longer in progress (status 1).
    func finished(_ key: String, within limit: Duration = .seconds(60)) async throws -> JSONValue {
        try await eventually(within: limit, "export \(key) to end") {
            try await detail(key)["status"]?.integer != 1
        }
        return try await detail(key)
    }

    struct Unexpected: Error, CustomStringConvertible {
        let answer: HTTP.Answer
        var description: String { "unexpected answer \(answer.status): \(answer.text)" }
    }
}
