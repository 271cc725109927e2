import NIOCore
import RPC
import Testing

@Suite struct ReplyParserTests {
    @Test(arguments: [
        #"{"jsonrpc":"2.0","id":5,"result":{"a":1}}"#,
        #"{"jsonrpc": "2.0", "result": {"a":1}, "id": 5}"#,
        #"{"jsonrpc":"2.0","id":5,"result":{"a":1},"x":[]}"#,
        #"{"jsonrpc":"2.0","id":5,"result": {"a":1} }"#,
    ])
    func `a result is cut out as it stands`(text: String) {
        guard case .success(let id, let result, _) = ReplyParser.parse(ByteBuffer(string: text)) else {
            Issue.record("expected a result")
            return
        }
        #expect(id.description == "5")
        #expect(String(buffer: result) == #"{"a":1}"#)
    }

    @Test func `an error is read`() {
        let text = #"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no"}}"#
        guard case .failure(let id, let error, _) = ReplyParser.parse(ByteBuffer(string: text)) else {
            Issue.record("expected an error")
            return
        }
        #expect(id == .null)
        #expect(error.code == RPCError.parseError)
        #expect(error.message == "no")
    }

    @Test(arguments: [
        "", "[]", "1", #"{"jsonrpc":"2.0","id":1}"#, #"{"jsonrpc":"2.0","result":1}"#,
        #"{"jsonrpc":"2.0","id":1,"result":1,"error":{}}"#, #"{"jsonrpc":"2.0","id":1,"result":}"#,
        // A result that would break out of the place it is spliced into.
        #"{"jsonrpc":"2.0","id":1,"result":1},"errcode":0}"#,
        #"{"jsonrpc":"2.0","id":1,"result":1,"result":2}"#,
    ])
    func `what is no reply is refused`(text: String) {
        guard case .invalid = ReplyParser.parse(ByteBuffer(string: text)) else {
            Issue.record("expected a refusal")
            return
        }
    }
}
