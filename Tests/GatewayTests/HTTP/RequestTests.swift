import TestSupport
import Testing

@testable import Gateway

/// What a well-behaved client meets.
struct RequestTests {
    @Test("a request becomes a call and its result an answer")
    func simple() async throws {
        try await GatewayHarness.run { harness in
            let answer = try await harness.ask(request("GET /records/7?size=3", fields: ["X-Request-Id: r-1"]))
            #expect(answer.status == 200)
            #expect(answer.text == #"{"code":0,"data":{"id":7,"size":3},"id":"r-1"}"#)
            #expect(answer.fields["content-type"] == "application/json")
            #expect(answer.fields["x-request-id"] == "r-1")
            #expect(answer.fields["date"]?.hasSuffix("GMT") == true)
        }
    }

    @Test("a body is passed on as it came, in one piece or in many")
    func bodies() async throws {
        try await GatewayHarness.run { harness in
            let body = #"{"b":1.50,  "a":"\u00e4"}"#
            let whole = try await harness.ask(request("POST /echo", body: body))
            #expect(whole.text.contains(body))
            let client = try await harness.connect()
            try await client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
            for character in body {
                try await client.send("1;x=y\r\n\(character)\r\n")
            }
            try await client.send("0\r\nX-Trailer: 1\r\n\r\n")
            #expect(try await client.answer().text.contains(body))
            #expect(harness.gateway.load.bytes == 0)
        }
    }

    @Test("the service learns where the request came from")
    func metadata() async throws {
        try await GatewayHarness.run { harness in
            let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            let fields = ["X-B3-TraceId: b3", "traceparent: \(trace)", "X-Timeout-Ms: 5000"]
            let answer = try await harness.ask(request("GET /meta?x", fields: fields, host: "localhost:99"))
            #expect(
                answer.text.contains(
                    """
                    {"request_id":"b3","traceparent":"\(trace)","timeout":5,"facade":"test","method":"GET",\
                    "path":"/meta","base":"http://localhost:99","ip":"127.0.0.1"}
                    """))
        }
    }

    @Test(
        "what leads nowhere is said in the façade's words",
        arguments: [
            (request("GET /nowhere"), 404, #""reason":"route""#),
            (request("DELETE /records/1"), 405, #""reason":"method""#),
            (request("GET /records/x"), 400, #""loc":["path","id"]"#),
            (request("GET /records/1?size=11"), 400, #""loc":["query","size"]"#),
            (request("POST /echo"), 400, #""loc":["body"]"#),
            (request("POST /echo", body: "[]"), 400, #""loc":["body"]"#),
            (request("POST /echo", body: #"{"a":tru}"#), 400, #""loc":["body",8]"#),
            (request("POST /echo", body: #"{"a":1"#), 400, #""type":"json_invalid""#),
            (request("POST /echo", body: #"{}}, "method": "evil""#), 400, #""reason":"json""#),
            (request("POST /echo", fields: ["Content-Type: text/plain"], body: "{}"), 415, #""reason":"media""#),
            (
                request("POST /echo", fields: ["Content-Type: application/x-www-form-urlencoded"], body: "a=1"), 415,
                "media"
            ),
            (request("POST /echo", fields: ["Content-Encoding: gzip"], body: "{}"), 415, "uncompressed"),
            (request("GET /nobody"), 503, #""reason":"service""#),
            (request("GET /records/1", host: "evil.example"), 403, #""reason":"host""#),
            (request("POST /echo", fields: ["Origin: http://evil.example"], body: "{}"), 403, #""reason":"origin""#),
            (request("POST /echo", fields: ["Expect: a-pony"], body: "{}"), 417, #""reason":"http""#),
            (request("GET ftp://localhost/records/1"), 400, #""reason":"http""#),
        ])
    func refusals(request: String, status: Int, mark: String) async throws {
        try await GatewayHarness.run { harness in
            let answer = try await harness.ask(request)
            #expect(answer.status == status)
            #expect(answer.text.contains(mark), "\(answer.text)")
            #expect(answer.text.hasPrefix(#"{"code":\#(status),"#))
            #expect(answer.fields["x-request-id"]?.isEmpty == false)
            if status == 405 { #expect(answer.fields["allow"] == "GET, HEAD, OPTIONS") }
            if status == 503 { #expect(answer.fields["retry-after"] == "1") }
            #expect(harness.gateway.load.calls == 0)
        }
    }

    @Test("fields too long for a call's metadata are not passed on, and no call but their own is touched")
    func longFields() async throws {
        try await GatewayHarness.run { harness in
            let waiting = try await harness.connect()
            try await waiting.send(request("GET /wait"))
            try await eventually("the call") { harness.log.started == ["test.wait"] }
            let quotes = String(repeating: "\"", count: 1_000)
            let fields = ["If-Range", "Range", "If-None-Match"].map { "\($0): \(quotes)" }
            for _ in 0..<12 {
                let answer = try await harness.ask(request("GET /meta?\(quotes)", fields: fields))
                #expect(answer.status == 200, "\(answer.text)")
                let long = "If-Range: " + String(repeating: "x", count: 9_000)
                #expect(try await harness.ask(request("GET /meta", fields: [long])).status == 200)
                let host = String(repeating: "x", count: 9_000)
                #expect(try await harness.ask(request("GET /meta", host: host)).status == 403)
            }
            harness.log.gate.open()
            #expect(try await waiting.answer().status == 200)
        }
    }

    @Test("HEAD answers as GET does, without the body; OPTIONS says what is allowed")
    func headAndOptions() async throws {
        try await GatewayHarness.run { harness in
            let client = try await harness.connect()
            let get = try await client.ask(request("GET /records/1", fields: ["X-Request-Id: a"]))
            let head = try await client.ask(request("HEAD /records/1", fields: ["X-Request-Id: a"]))
            #expect(head.status == 200)
            #expect(head.fields["content-length"] == get.fields["content-length"])
            let options = try await client.ask(request("OPTIONS /records/1"))
            #expect(options.status == 204)
            #expect(options.fields["allow"] == "GET, HEAD, OPTIONS")
            #expect(try await client.ask(request("OPTIONS *")).status == 204)
            #expect(try await client.ask(request("HEAD /nowhere")).status == 404)
            #expect(try await client.ask(request("GET http://localhost/records/2")).status == 200)
        }
    }

    @Test("every façade serves its own description")
    func description() async throws {
        try await GatewayHarness.run { harness in
            let answer = try await harness.ask(request("GET /openapi.json"))
            #expect(answer.status == 200)
            #expect(answer.text.contains(#""openapi":"3.1.0""#) && !answer.text.contains("x-rpc"))
            #expect(try await harness.ask(request("POST /openapi.json", body: "{}")).status == 405)
        }
    }

    @Test("a service that is down is UNAVAILABLE, and the client told when to come back")
    func serviceDown() async throws {
        try await GatewayHarness.run(isServiceUp: false) { harness in
            let answer = try await harness.ask(request("GET /records/1"))
            #expect(answer.status == 503)
            #expect(answer.fields["retry-after"] == "1")
            #expect(answer.text.hasPrefix(#"{"code":503,"#))
        }
    }

    @Test("a body that is asked for is sent only then")
    func expectations() async throws {
        try await GatewayHarness.run { harness in
            let client = try await harness.connect()
            try await client.send(
                "POST /echo HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            #expect(try await client.read(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            try await client.send("{}")
            #expect(try await client.answer().status == 200)
            try await client.send(
                "POST /nowhere HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            #expect(try await client.answer().status == 404)
            #expect(try await client.readToEnd().isEmpty)
        }
    }
}
