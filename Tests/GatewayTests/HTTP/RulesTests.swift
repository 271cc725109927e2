import NIOCore
import NIOHTTP1
import Testing

@testable import Gateway

struct RulesTests {
    @Test(
        "on a loopback bind only loopback names and the public host are served",
        arguments: [
            ("localhost", true), ("LOCALHOST:8080", true), ("127.0.0.1", true), ("127.9.9.9:1", true),
            ("[::1]:80", true),
            ("pailou.example", true), ("PAILOU.example", true), ("pailou.example:81", false), ("evil.example", false),
            ("127.0.0.1.evil.example", false), ("127.0.0.256", false), ("", false), ("localhost:port", false),
            ("localhost/", false), ("a b", false), ("[::1", false), ("localhost:123456", false), ("[::1]x", false),
        ])
    func loopbackHosts(host: String, isServed: Bool) {
        let rule = HostRule(isLoopbackBind: true, publicURL: "https://pailou.example/")
        #expect(rule.allows(host) == isServed)
    }

    @Test("elsewhere any well-formed host is served, and makes the base of links")
    func openHosts() {
        let rule = HostRule(isLoopbackBind: false, publicURL: nil)
        #expect(rule.allows("files.example:8080"))
        #expect(!rule.allows("files.example\"><script>"))
        #expect(rule.base(for: "files.example:8080") == "http://files.example:8080")
        #expect(HostRule(isLoopbackBind: false, publicURL: "https://p.example/").base(for: "x") == "https://p.example")
    }

    @Test(
        "an unsafe method needs an origin of ours or none",
        arguments: [
            (HTTPMethod.GET, "https://evil.example", true), (.POST, "https://evil.example", false), (.POST, nil, true),
            (.POST, "http://localhost:8080", true), (.POST, "https://localhost:8080", false), (.POST, "null", false),
            (.DELETE, "https://console.example", true), (.PUT, "http://localhost:8081", false),
        ] as [(HTTPMethod, String?, Bool)])
    func origins(method: HTTPMethod, origin: String?, isAllowed: Bool) {
        var headers = HTTPHeaders()
        if let origin { headers.add(name: "Origin", value: origin) }
        let head = HTTPRequestHead(version: .http1_1, method: method, uri: "/", headers: headers)
        let rule = OriginRule(allowedOrigins: ["https://console.example"])
        let hosts = HostRule(isLoopbackBind: true, publicURL: nil)
        #expect((rule.foreignOrigin(of: head, host: "localhost:8080", hostRule: hosts) == nil) == isAllowed)
    }

    @Test(
        "json is told from other media types",
        arguments: [
            ("application/json", true), ("Application/JSON; charset=utf-8", true), ("application/problem+json", true),
            ("text/plain", false), ("application/x-www-form-urlencoded", false), ("application/jsonx", false),
            ("multipart/form-data", false), ("", false),
        ])
    func mediaTypes(type: String, isJSON: Bool) {
        #expect(isJSONMediaType(type) == isJSON)
    }

    @Test(
        "a request target is a path, an absolute http address or a star",
        arguments: [
            ("/a?b=c", "/a", "b=c", nil), ("/a", "/a", "", nil), ("http://h:1/a?b", "/a", "b", "h:1"),
            ("HTTP://h", "/", "", "h"), ("http://h?x", "/", "x", "h"), ("*", "*", "", nil),
            ("a", nil, nil, nil), ("ftp://h/", nil, nil, nil), ("/a#b", nil, nil, nil), ("/ä", nil, nil, nil),
            ("", nil, nil, nil),
        ] as [(String, String?, String?, String?)])
    func targets(text: String, path: String?, query: String?, host: String?) {
        let target = RequestTarget(text)
        #expect(target.map { String($0.path) } == path)
        #expect(target.map { String($0.query) } == query)
        #expect(target?.host.map { String($0) } == host)
    }

    @Test("a request id is the client's if it is harmless, and else a new uuid")
    func requestIDs() throws {
        var generator = IdentityGenerator()
        func id(_ fields: HTTPHeaders) -> String { RequestIdentity(fields, makingWith: &generator).requestID }
        #expect(id(["X-Request-ID": "abc-1.2_3"]) == "abc-1.2_3")
        #expect(id(["X-B3-TraceId": "80f198ee56343ba8"]) == "80f198ee56343ba8")
        for bad in ["", "a b", "a\"b", String(repeating: "x", count: 129), "ä"] {
            let made = id(["x-request-id": bad])
            #expect(made.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
        }
        #expect(id([:]) != id([:]))
    }

    @Test("a sound traceparent is passed on, any other is replaced")
    func traceparents() {
        var generator = IdentityGenerator()
        let sound = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        #expect(RequestIdentity(["traceparent": sound], makingWith: &generator).traceparent == sound)
        let unsound = [
            "", sound + "-x", sound.uppercased(), "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "01" + sound.dropFirst(2),
        ]
        for text in unsound {
            let made = RequestIdentity(["traceparent": text], makingWith: &generator).traceparent
            #expect(made != text && RequestIdentity.isTraceparent(made))
        }
    }
}
