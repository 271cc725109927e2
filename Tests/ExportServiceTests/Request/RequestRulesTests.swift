import ExportService
import JSONBytes
import RPC
import Testing

/// What a submitted body may be, and what is answered when it is not.
@Suite struct RequestRulesTests {
    private func check(_ body: JSONValue, _ kind: RequestRules.Kind = .http) throws(RPCError) -> ExportRequest {
        try RequestRules().check(body, kind)
    }

    @Test func theDocumentsOwnRequestsAreAccepted() throws {
        let http = try check(Sample.http)
        #expect(http.format == .xlsx && http.title == "http接口数据源导出" && http.userID == "123")
        #expect(http.callback == "http://www.baidu.com/")
        guard case .http(let source) = http.source else {
            Issue.record("expected an http source")
            return
        }
        #expect(source.limit == 20 && source.connections == 5 && source.method == .get && source.headers.isEmpty)
        let raw = try check(Sample.raw, .raw)
        #expect(raw.callback == nil && raw.source.type == "raw")
    }

    @Test(
        arguments: [
            ("ext_type", "pdf", "literal_error"), ("ext_type", nil, "missing"), ("ext_type", 3, "string_type"),
            ("title", "", "string_too_short"), ("title", nil, "missing"),
            ("title", .string(String(repeating: "标", count: 81)), "string_too_long"),
            ("timestamp", nil, "missing"), ("timestamp", "now", "int_type"), ("timestamp", 1.5, "int_type"),
            ("timestamp", .number("1e9"), "int_type"), ("timestamp", -1, "greater_than_equal"),
            ("user_id", nil, "missing"), ("user_id", "", "string_too_short"), ("user_id", true, "string_type"),
            ("callback", "ftp://a/b", "url_scheme"), ("callback", "http://a:b@c/", "url_parsing"),
            ("callback", 4, "string_type"), ("source_http", nil, "missing"), ("source_http", "x", "dict_type"),
            ("conn", 65, "less_than_equal"),
        ] as [(String, JSONValue, String)])
    func aWrongMemberIsNamed(_ name: String, _ value: JSONValue, _ type: String) throws {
        let error = try #require(throws: RPCError.self) { try check(Sample.http.setting(name, value)) }
        #expect(error.status == .invalidArgument)
        #expect(error.details.map(\.type) == [type])
        #expect(error.details.map(\.path) == [[.name(name)]])
        #expect(error.message.hasPrefix("\(name): \(type == "missing" ? "Field required" : "expected")"))
    }

    @Test(
        arguments: [
            ("url", nil, "missing"), ("url", "file:///etc/passwd", "url_scheme"), ("url", "http://", "url_parsing"),
            ("url", "http://a\r\nHost: b/", "url_parsing"), ("url", "nonsense", "url_parsing"),
            ("url", "http://user:secret@host/", "url_parsing"), ("method", "PUT", "literal_error"),
            ("header", [], "dict_type"), ("header", ["X": []], "string_type"),
            ("header", ["X": "a\r\nHost: b"], "value_error"), ("header", ["X": "a\u{0}"], "value_error"),
            ("header", ["X\n": "a"], "value_error"), ("header", ["": "a"], "value_error"),
            ("header", ["Host": "a"], "value_error"), ("header", ["content-length": "1"], "value_error"),
            ("header", ["Transfer-Encoding": "chunked"], "value_error"),
            ("header", ["Connection": "close"], "value_error"),
            ("header", ["Proxy-Authorization": "x"], "value_error"), ("param", [], "dict_type"),
            ("param", ["limit": 0], "greater_than_equal"), ("param", ["limit": 10_001], "less_than_equal"),
            ("param", ["limit": "20"], "int_type"), ("param", ["a": ["b"]], "string_type"),
            ("conn", 0, "greater_than_equal"), ("conn", 65, "less_than_equal"), ("conn", "5", "int_type"),
        ] as [(String, JSONValue, String)])
    func aWrongMemberOfTheSourceIsNamed(_ name: String, _ value: JSONValue, _ type: String) throws {
        let source = try #require(Sample.http["source_http"]).setting(name, value)
        let error = try #require(throws: RPCError.self) { try check(Sample.http.setting("source_http", source)) }
        #expect(error.details.map(\.type) == [type])
        #expect(error.details.first?.path.starts(with: ["source_http", .name(name)]) == true)
        #expect(!error.message.contains("secret"), "credentials must not be repeated")
    }

    @Test func everythingThatIsWrongIsSaidAtOnce() throws {
        let error = try #require(throws: RPCError.self) { try check(["timestamp": "now"]) }
        #expect(Set(error.details.map(\.pathText)) == ["timestamp", "ext_type", "title", "user_id", "source_http"])
        for detail in error.details { #expect(error.message.contains(detail.pathText)) }
    }

    @Test func aBodyThatIsNoObjectIsRefused() throws {
        let error = try #require(throws: RPCError.self) { try check([1]) }
        #expect(error.details.map(\.type) == ["model_type"])
    }

    @Test func realClientsSpellingsAreUnderstood() throws {
        let body = Sample.http.setting("user_id", 42).setting("ext_type", "csv").setting("callback", nil)
            .setting("call_back", "https://example.org/done").setting("conn", 7).setting("surplus", [1])
        let request = try check(body)
        #expect(request.userID == "42" && request.format == .csv)
        #expect(request.callback == "https://example.org/done")
        guard case .http(let source) = request.source else { return }
        #expect(source.connections == 7)
    }

    @Test func freshnessIsCheckedOnlyWhenItIsSwitchedOn() throws {
        let rules = RequestRules(freshnessSeconds: 300, now: { 1_625_106_204 + 301 })
        #expect(throws: RPCError.self) { try rules.check(Sample.http, .http) }
        #expect(throws: Never.self) { try RequestRules().check(Sample.http, .http) }
        let lenient = RequestRules(freshnessSeconds: 301, now: { 1_625_106_204 + 301 })
        #expect(throws: Never.self) { try lenient.check(Sample.http, .http) }
    }
}
