import NIOCore
import RPC
import Testing

@Suite struct RequestParserTests {
    /// The same text, once as our senders write it and once with a space that only the full scan understands.
    @Test(arguments: [
        #"{"jsonrpc":"2.0","id":1,"method":"a"}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"a","params":{"x":[1,2]}}"#,
        #"{"jsonrpc":"2.0","id":"é","method":"a.b","params":[]}"#,
        #"{"jsonrpc":"2.0","id":"x","method":"a","meta":{"t":"}\"{"},"params":[1]}"#,
        #"{"jsonrpc":"2.0","method":"a","params":{"s":"}"}}"#,
        #"{"jsonrpc":"2.0","id":0,"method":"","params":{}}"#,
    ])
    func `the fast path and the scan find the same`(text: String) throws {
        let fast = try request(text)
        let slow = try request(" " + text)
        #expect(fast == slow)
    }

    @Test(arguments: [
        // What follows the parameters must not be taken for a part of them, and not be overlooked either.
        #"{"jsonrpc":"2.0","id":1,"method":"a","params":{},"id":2}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"a","params":{},"method":"b"}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"a","params":{},"params":[]}"#,
        #"{"jsonrpc":"2.0","id":1,"id":1,"method":"a"}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"a","\u006dethod":"b"}"#,
        #"{"jsonrpc":"1.0","id":1,"method":"a"}"#,
        #"{"id":1,"method":"a"}"#,
        #"{"jsonrpc":"2.0","id":1}"#,
        #"{"jsonrpc":"2.0","id":1,"method":7}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"a","params":"text"}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"a","params":1}"#,
        #"{"jsonrpc":"2.0","id":{},"method":"a"}"#,
        #"{"jsonrpc":"2.0","id":true,"method":"a"}"#,
        "[]", "1", #""text""#, "null",
    ])
    func `what is no request is -32600`(text: String) {
        #expect(code(of: text) == RPCError.invalidRequest)
    }

    @Test(arguments: [
        "", "{", #"{"jsonrpc":"2.0","id":01,"method":"a"}"#, #"{"jsonrpc":"2.0","id":1,"method":"a","params":{1}}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"a","params":[1,]}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"a","params":{}}}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"a","meta":{,"params":[]}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"a","params":[NaN]}"#,
        "\u{FEFF}{}",
    ])
    func `what is no JSON is -32700`(text: String) {
        #expect(code(of: text) == RPCError.parseError)
    }

    @Test(arguments: ["1", "-1", "1.0", "1e2", "\"\"", "\"\\u0061\"", "null", "12345678901234567890123"])
    func `an id keeps its octets`(token: String) throws {
        #expect(try request(#"{"jsonrpc":"2.0","id":\#(token),"method":"a"}"#).id?.description == token)
    }

    @Test func `members come in any order and strange ones are ignored`() throws {
        let found = try request(#"{"params":[1],"x":{"id":9},"method":"a","id":1,"jsonrpc":"2.0"}"#)
        let params = ByteBuffer(string: "[1]")
        #expect(found == RequestEnvelope(id: RPCMessageID(1), method: "a", params: params))
    }

    @Test func `null parameters are none`() throws {
        #expect(try request(#"{"jsonrpc":"2.0","id":1,"method":"a","params":null}"#).params == nil)
    }

    @Test func `nesting is bounded, the envelope included`() {
        func nested(_ depth: Int) -> String {
            let brackets = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            return #"{"jsonrpc":"2.0","id":1,"method":"a","params":\#(brackets)}"#
        }
        #expect(code(of: nested(511)) == nil)
        #expect(code(of: nested(512)) == RPCError.parseError)
        #expect(code(of: " " + nested(511)) == nil)
        #expect(code(of: " " + nested(512)) == RPCError.parseError)
    }

    @Test func `a batch has one to a hundred items`() {
        func batch(_ count: Int) -> String { "[" + Array(repeating: "1", count: count).joined(separator: ",") + "]" }
        guard case .batch(let items) = parse(batch(100)) else {
            Issue.record("expected a batch")
            return
        }
        #expect(items.count == 100)
        #expect(code(of: batch(101)) == RPCError.invalidRequest)
        #expect(code(of: batch(0)) == RPCError.invalidRequest)
    }

    private func parse(_ text: String) -> RequestMessage { RequestParser.parse(ByteBuffer(string: text)) }

    private func request(_ text: String) throws -> RequestEnvelope {
        switch parse(text) {
        case .single(let request): return request
        case .invalid(let error, _): throw error
        case .batch: throw RPCError(.internal, "a batch")
        }
    }

    private func code(of text: String) -> Int? {
        guard case .invalid(let error, _) = parse(text) else { return nil }
        return error.code
    }
}
