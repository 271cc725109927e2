import HTTPFetch
import JSONBytes

/// Requests to the system under test.
enum HTTP {
    struct Answer: Sendable {
        let status: Int
        let headers: [(String, String)]
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
        var json: JSONValue { get throws { try JSONValue(parsing: body) } }

        func header(_ name: String) -> String? {
            headers.first { $0.0.lowercased() == name.lowercased() }?.1
        }
    }

    static func get(_ url: String, headers: [(String, String)] = []) async throws -> Answer {
        try await send("GET", url, headers: headers)
    }

    static func post(_ url: String, _ json: String, headers: [(String, String)] = []) async throws -> Answer {
        try await send("POST", url, headers: [("Content-Type", "application/json")] + headers, body: Array(json.utf8))
    }

    static func send(
        _ method: String, _ url: String, headers: [(String, String)] = [], body: [UInt8]? = nil
    ) async throws -> Answer {
        // No address policy: a test talks to loopback.
        let request = HTTPFetchRequest(
            method: method, url: url, headers: headers.map { (name: $0.0, value: $0.1) }, body: body,
            limits: HTTPFetchLimits(bodyBytesMax: 512 << 20), policy: nil, acceptsCompression: false)
        let response = try await fetcher.fetch(request)
        return Answer(
            status: response.status, headers: response.headers.map { ($0.name, $0.value) }, body: response.body)
    }

    private static let fetcher = try! CurlFetcher()
}
