import Foundation
import JSONBytes
import TestSupport
import Testing

/// Every documented REST example, against the real program over a socket.
struct RESTVectorTests {
    static let directory = packageDirectory() + "/protocol/vectors/rest"
    static let names = try! FileManager.default.contentsOfDirectory(atPath: directory)
        .filter { $0.hasSuffix(".json") }.sorted()

    @Test func thereAreVectors() {
        #expect(Self.names.count >= 10)
    }

    @Test(arguments: names)
    func theSystemAnswersAsDocumented(name: String) async throws {
        let data = try #require(FileManager.default.contents(atPath: Self.directory + "/" + name))
        let vector = try JSONValue(parsing: data)
        let facade = try #require(vector["facade"]?.string)
        let temporary = try TemporaryDirectory()
        let x = vector["x_api"]?.bool == true ? try await XAPITestServer() : nil
        let system = try await PailouProcess.start(
            in: temporary.path("data"),
            environment: x.map {
                ["PAILOU_SCRAPE_X_BASE_URL": $0.url, "PAILOU_SCRAPE_BEARER_TOKEN": "secret-token"]
            } ?? [:])
        let base = "http://" + (try #require(system.endpoints.facades[facade]))
        var values = ["base": base]
        for (index, step) in try #require(vector["steps"]?.elements).enumerated() {
            values = try await take(step, values, "step \(index + 1)")
        }
        try await system.stop()
        await x?.close()
    }

    /// Returns the values named so far.
    private func take(_ step: JSONValue, _ values: [String: String], _ place: String) async throws -> [String: String] {
        let request = VectorPattern(values: values).filled(try #require(step["request"]))
        var answer = try await send(request)
        if let until = step["until"] {
            try await eventually(within: .seconds(30), "\(place) to answer as expected") {
                answer = try await send(request)
                var pattern = VectorPattern(values: values)
                pattern.compare(try? answer.json, with: until, at: place)
                return pattern.misfits.isEmpty
            }
        }
        return try compare(answer, with: try #require(step["answer"]), values, place)
    }

    private func compare(
        _ answer: HTTP.Answer, with expected: JSONValue, _ values: [String: String], _ place: String
    ) throws -> [String: String] {
        var pattern = VectorPattern(values: values)
        #expect(answer.status == expected["status"]?.integer, "\(place): \(answer.text)")
        for header in expected["headers"]?.members ?? [] {
            let found = answer.header(header.key).map { JSONValue.string($0) }
            pattern.compare(found, with: header.value, at: "\(place) \(header.key)")
        }
        if let body = expected["body"] { pattern.compare(try answer.json, with: body, at: place) }
        if let begins = expected["begins"]?.string {
            #expect(
                answer.body.starts(with: Array(pattern.filled(begins).utf8)), "\(place): \(answer.text.prefix(200))")
        }
        #expect(pattern.misfits.isEmpty, "\(answer.text.prefix(2000))")
        return pattern.values
    }

    private func send(_ request: JSONValue) async throws -> HTTP.Answer {
        var headers = (request["headers"]?.members ?? []).map { ($0.key, $0.value.string ?? "") }
        let body = request["body"]?.bytes ?? request["text"]?.string.map { Array($0.utf8) }
        if body != nil, !headers.contains(where: { $0.0.lowercased() == "content-type" }) {
            headers.append(("content-type", "application/json"))
        }
        return try await HTTP.send(
            try #require(request["method"]?.string), try #require(request["url"]?.string), headers: headers, body: body)
    }
}
