import ExportService
import HTTPFetch
import JSONBytes
import RPC
import Testing

/// The request of each page.
@Suite struct PageRequestTests {
    private func requests(_ change: (JSONValue) -> JSONValue) throws -> PageRequest {
        let source = change(try #require(Sample.http["source_http"]))
        let request = try RequestRules().check(Sample.http.setting("source_http", source), .http)
        guard case .http(let http) = request.source else { throw CrawlFailure("expected an http source") }
        let policy = try AddressPolicy(parsing: [])
        return PageRequest(source: http, key: HashKey(of: Sample.http), limits: HTTPFetchLimits(), policy: policy)
    }

    @Test(arguments: [
        ("http://host/demo", "http://host/demo?page=3&limit=20"),
        ("http://host/demo?a=1", "http://host/demo?a=1&page=3&limit=20"),
        ("http://host/demo?page=9&a=1&limit=5&page", "http://host/demo?a=1&page=3&limit=20"),
        ("http://host?pages=1#part", "http://host/?pages=1&page=3&limit=20"),
        ("http://host/导出?名=值", "http://host/%e5%af%bc%e5%87%ba?%e5%90%8d=%e5%80%bc&page=3&limit=20"),
    ])
    func pageAndLimitJoinTheQuery(_ url: String, _ expected: String) throws {
        let request = try requests { $0.setting("url", .string(url)) }.request(page: 3)
        #expect(request.url == expected && request.method == "GET" && request.body == nil)
    }

    @Test func parametersJoinTheQueryEncoded() throws {
        let param: JSONValue = ["limit": 5, "page": 7, "名": "a&b=c d", "n": 1.50, "flag": true, "none": nil]
        let request = try requests { $0.setting("param", param) }.request(page: 1)
        #expect(request.url.hasSuffix("?%E5%90%8D=a%26b%3Dc%20d&n=1.5&flag=true&none=&page=1&limit=5"))
    }

    @Test func pageAndLimitJoinTheBodyOfAPost() throws {
        let request = try requests {
            $0.setting("method", "post").setting("param", ["limit": 5, "filter": ["a": [1, 2]]])
        }.request(page: 2)
        #expect(request.method == "POST" && request.url == "http://127.0.0.1:8080/demo/page")
        #expect(String(decoding: request.body ?? [], as: UTF8.self) == #"{"filter":{"a":[1,2]},"page":2,"limit":5}"#)
        #expect(request.headers.contains { $0.name == "Content-Type" && $0.value == "application/json" })
    }

    @Test func theKeyGoesWithEveryPageAndCannotBeForged() throws {
        let headers: JSONValue = [
            "Authorization": "Bearer x", "XT-Export-TaskID": "forged", "Content-Type": "text/plain",
        ]
        let request = try requests { $0.setting("header", headers).setting("method", "POST") }.request(page: 1)
        let keys = request.headers.filter { $0.name.lowercased() == "xt-export-taskid" }
        #expect(keys.map(\.value) == ["9559e779f7673dfcf0cd5d0861498b6f"])
        #expect(request.headers.filter { $0.name.lowercased() == "content-type" }.map(\.value) == ["text/plain"])
        #expect(request.headers.contains { $0.name == "Authorization" && $0.value == "Bearer x" })
    }
}
