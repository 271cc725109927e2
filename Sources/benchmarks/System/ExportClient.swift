import Foundation
import HTTPFetch

/// A user of the export façade.
struct ExportClient {
    /// `http://host:port`
    let base: String
    let fetcher: CurlFetcher

    struct Record: Decodable {
        var status: Int
        var fail_reason: String
        var down_url: String
    }

    private struct Envelope<Value: Decodable>: Decodable {
        var errcode: Int
        var msg: String
        var data: Value?
    }

    private struct Submitted: Decodable { var hash_key: String }

    init(facade: String) throws {
        base = "http://\(facade)"
        fetcher = try CurlFetcher()
    }

    /// Makes an export of the demonstration's pages; answers its key and record.
    func smallExport() async throws -> (key: String, record: Record) {
        let key = try await submit(source: "\(base)/demo/page", limit: 500, connections: 1, title: "one small record")
        return (key, try await finished(key))
    }

    /// Submits an export of the source's pages; answers its key.
    func submit(source: String, limit: Int, connections: Int, title: String) async throws -> String {
        let request: [String: Any] = [
            "timestamp": Int(Date().timeIntervalSince1970), "ext_type": "XLSX", "title": title, "user_id": "benchmark",
            "callback": "",
            "source_http": [
                "url": source, "method": "GET", "header": [String: String](), "param": ["limit": limit],
                "conn": connections,
            ] as [String: Any],
        ]
        let body = try JSONSerialization.data(withJSONObject: request)
        let submitted: Submitted = try await call("POST", "/v1/export/http", body: [UInt8](body))
        return submitted.hash_key
    }

    /// Waits until the export is finished, asking every few milliseconds; fails if it failed.
    func finished(_ key: String) async throws -> Record {
        while true {
            let record: Record = try await call("GET", "/v1/export/detail?key=\(key)")
            switch record.status {
            case 1: try await Task.sleep(for: .milliseconds(5))
            case 2: return record
            default: throw BenchmarkError("the export ended with status \(record.status): \(record.fail_reason)")
            }
        }
    }

    /// The body that a path is answered with.
    func body(_ path: String) async throws -> [UInt8] {
        try await fetcher.fetch(HTTPFetchRequest(url: base + path, policy: nil)).body
    }

    /// The status that a path is answered with.
    func status(_ path: String) async throws -> Int {
        try await fetcher.fetch(HTTPFetchRequest(url: base + path, policy: nil)).status
    }

    private func call<Value: Decodable>(_ method: String, _ path: String, body: [UInt8]? = nil) async throws -> Value {
        let headers = body == nil ? [] : [(name: "content-type", value: "application/json")]
        let request = HTTPFetchRequest(method: method, url: base + path, headers: headers, body: body, policy: nil)
        let response = try await fetcher.fetch(request)
        let envelope = try JSONDecoder().decode(Envelope<Value>.self, from: Data(response.body))
        guard envelope.errcode == 0, let data = envelope.data else {
            throw BenchmarkError("\(method) \(path) was answered \(envelope.errcode): \(envelope.msg)")
        }
        return data
    }
}
