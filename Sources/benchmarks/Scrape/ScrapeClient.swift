import Foundation
import HTTPFetch

/// A user of the scraper's façade.
struct ScrapeClient {
    /// `http://host:port/api/v1`
    let base: String
    let fetcher: CurlFetcher

    private struct Task: Decodable { var id: String }
    private struct Page: Decodable { var total: Int }

    init(facade: String) throws {
        base = "http://\(facade)/api/v1"
        fetcher = try CurlFetcher()
    }

    /// Makes tasks, one for each of so many users; answers their ids.
    func makeTasks(_ count: Int, items: Int) async throws -> [String] {
        let drafts: [[String: Any]] = (1...count).map { number in
            [
                "task_name": "benchmark", "task_type": "USER_TWEETS", "user_id": "benchmark",
                "parameters": ["username": "u\(number)", "limit": items] as [String: Any],
            ]
        }
        let tasks: [Task] = try await call("POST", "/tasks/batch", body: drafts)
        return tasks.map(\.id)
    }

    func start(_ task: String) async throws { let _: Task = try await call("POST", "/tasks/\(task)/start") }

    /// Tasks with a status.
    func count(_ status: String) async throws -> Int {
        let page: Page = try await call("GET", "/tasks?size=1&status=\(status)")
        return page.total
    }

    /// How many results a search finds.
    func found(_ query: String) async throws -> Int {
        let page: Page = try await call("GET", Self.search(query, skip: 0, limit: 1))
        return page.total
    }

    /// The path of a search below the base.
    static func search(_ query: String, skip: Int, limit: Int) -> String {
        let encoded = query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return "/tasks/search/results?query=\(encoded)&skip=\(skip)&limit=\(limit)"
    }

    private func call<Value: Decodable>(_ method: String, _ path: String, body: Any? = nil) async throws -> Value {
        let octets = try body.map { [UInt8](try JSONSerialization.data(withJSONObject: $0)) }
        let headers = octets == nil ? [] : [(name: "content-type", value: "application/json")]
        let request = HTTPFetchRequest(method: method, url: base + path, headers: headers, body: octets, policy: nil)
        let response = try await fetcher.fetch(request)
        guard response.status == 200 else {
            let said = String(decoding: response.body.prefix(500), as: UTF8.self)
            throw BenchmarkError("\(method) \(path) was answered \(response.status): \(said)")
        }
        return try JSONDecoder().decode(Value.self, from: Data(response.body))
    }
}
