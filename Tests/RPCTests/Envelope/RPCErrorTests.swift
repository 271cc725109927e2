import JSONBytes
import NIOCore
import RPC
import Testing

@Suite struct RPCErrorTests {
    @Test func `every status has a code of its own that leads back to it`() {
        for status in RPCStatus.allCases { #expect(RPCStatus(code: status.code) == status) }
        #expect(Set(RPCStatus.allCases.map(\.code)).count == RPCStatus.allCases.count)
    }

    /// The table of the wire specification, row by row.
    @Test(arguments: [
        ("UNIMPLEMENTED", -32601, 501), ("INVALID_ARGUMENT", -32602, 400), ("INTERNAL", -32603, 500),
        ("CANCELLED", -32051, 499), ("UNKNOWN", -32052, 500), ("DEADLINE_EXCEEDED", -32054, 504),
        ("NOT_FOUND", -32055, 404), ("ALREADY_EXISTS", -32056, 409), ("PERMISSION_DENIED", -32057, 403),
        ("RESOURCE_EXHAUSTED", -32058, 429), ("FAILED_PRECONDITION", -32059, 400), ("ABORTED", -32060, 409),
        ("OUT_OF_RANGE", -32061, 400), ("UNAVAILABLE", -32064, 503), ("DATA_LOSS", -32065, 500),
        ("UNAUTHENTICATED", -32066, 401),
    ])
    func `status, code and HTTP status belong together`(name: String, code: Int, http: Int) throws {
        let status = try #require(RPCStatus(rawValue: name))
        #expect(status.code == code)
        #expect(status.httpStatus == http)
    }

    @Test func `an error survives the wire`() {
        var error = RPCError(.invalidArgument, reason: "size", "expected \"less\"")
        error.notStarted = true
        error.retryAfter = .milliseconds(1500)
        error.details = [RPCViolation(path: ["headers", 3, "name"], message: "no", type: "missing")]
        error.info = ByteBuffer(string: #"{"ids":[1]}"#)
        let read = RPCError(json: error.json)
        #expect(read.code == error.code)
        #expect(read.status == error.status)
        #expect(read.message == error.message)
        #expect(read.reason == error.reason)
        #expect(read.notStarted)
        #expect(read.retryAfter == error.retryAfter)
        #expect(read.details == error.details)
        #expect(read.info == error.info)
    }

    @Test func `a message too long names limit and length in its data`() throws {
        let error = try JSONValue(parsing: RPCError.tooLong(limit: 10, length: 11).json.readableBytesView)
        #expect(error["code"] == -32070)
        #expect(error["data"]?["limit"] == 10)
        #expect(error["data"]?["length"] == 11)
        #expect(RPCError.tooLong(limit: 10, length: 11).httpStatus == 413)
    }

    @Test(arguments: [#"{"code":-1,"message":"m"}"#, #"{"code":-1,"message":"m","data":"text"}"#, "7", "{}"])
    func `a stranger's error is read as far as it goes`(text: String) {
        let error = RPCError(json: ByteBuffer(string: text))
        #expect(error.details.isEmpty)
        #expect(!error.message.isEmpty)
    }

    @Test func `several violations are one sentence and a list`() {
        let error = RPCError.invalidArguments([
            .init(path: ["a", 0], message: "no", type: "missing"), .init(path: [], message: "no", type: "missing"),
        ])
        #expect(error.message == "a[0]: no (and 1 more)")
        #expect(error.details.count == 2)
    }
}
