import Gateway
import NIOCore
import RPC
import Testing

@Suite("Templates of answers")
struct TemplateTests {
    static let environment = TemplateEnvironment(
        requestID: "a\"b", now: 1_683_722_096_789, pathValues: ["%31"], query: "n=07")

    @Test(
        "a success is the template's bytes around the result's own",
        arguments: [
            ("$result", #"{"a": {"b": 1},"n": null}"#),
            ("{}", "{}"), ("[]", "[]"), ("{data: $result}", #"{"data":{"a": {"b": 1},"n": null}}"#),
            ("{b: $result.a.b, no: $result.x, n: $result.n}", #"{"b":1,"no":null,"n":null}"#),
            ("{b: $result.a.b?, no: $result.x?, n: $result.n?}", #"{"b":1,"n":null}"#),
            ("{no: $result.x?, b: 1}", #"{"b":1}"#), ("{no: $result.x?, a: $result.y?}", "{}"),
            ("{no: $result.x?, a: $result.y?, c: 1, d: $result.z?, e: 2}", #"{"c":1,"e":2}"#),
            ("[$result.x?, 1, $result.y?, {z: $result.z?}]", "[1,{}]"), ("[$result.x, $result.a]", #"[null,{"b": 1}]"#),
            ("{s: $http.status, i: $requestID}", #"{"s":201,"i":"a\"b"}"#),
            ("{t: $now}", #"{"t":"2023-05-10T12:34:56.789Z"}"#),
            ("{p: $path.id, q: $query.n, r: $query.m}", #"{"p":"1","q":7,"r":3}"#),
            (
                "{k: $$result, yes: yes, t: true, f: 1.50, z: ~}",
                #"{"k":"$result","yes":"yes","t":true,"f":1.50,"z":null}"#
            ),
            ("{中文: 任务\\n}", #"{"中文":"任务\\n"}"#),
        ])
    func success(template: String, json: String) throws {
        let operation = try ShopFacade.operation(
            parameters: """
                [{name: n, in: query, schema: {type: integer}}, {name: m, in: query, schema: {type: integer, default: 3}}]
                """, success: template)
        let result = ByteBuffer(string: #"{"a": {"b": 1},"n": null}"#)
        let answer = operation.success(result: result, environment: Self.environment)
        #expect(String(buffer: answer.body) == json)
        #expect(answer.status == 201)
    }

    @Test("a success without content has no body, whatever the template")
    func noContent() throws {
        let operation = try ShopFacade.operation(call: "status: 204", success: "{data: $result}")
        let answer = operation.success(result: ByteBuffer(string: "1"), environment: Self.environment)
        #expect(answer.status == 204 && answer.body.readableBytes == 0 && answer.headers.isEmpty)
    }

    @Test(
        "an error's words",
        arguments: [
            (
                "{m: $error.message, s: $error.status, r: $error.reason}",
                #"{"m":"no item 1","s":"NOT_FOUND","r":"item"}"#
            ),
            ("{near: $error.info.near, far: $error.info.far?}", #"{"near":[2,3]}"#),
            ("{d: $error.details}", #"{"d":[{"path":["path","id",0],"type":"missing","message":"Field required"}]}"#),
            ("{c: $http.status}", #"{"c":404}"#),
        ])
    func failure(template: String, json: String) throws {
        var error = RPCError(.notFound, reason: "item", "no item 1")
        error.info = ByteBuffer(string: #"{"near":[2,3]}"#)
        error.details = [RPCViolation(path: ["id", 0], message: "Field required", type: "missing")]
        let answer = try ShopFacade.operation(failure: template).failure(error, environment: Self.environment)
        #expect(String(buffer: answer.body) == json)
    }

    @Test(
        "the most specific answer wins, an operation's before its façade's",
        arguments: [
            (RPCStatus.notFound, "item", 410, "exact"), (.notFound, "shelf", 404, "status"),
            (.notFound, "", 404, "status"), (.aborted, "item", 409, "own"), (.internal, "", 500, "default"),
        ])
    func selection(status: RPCStatus, reason: String, http: Int, text: String) throws {
        let operation = try ShopFacade.operation(
            call: "errors: {ABORTED: {body: own}}",
            failure:
                "default}, NOT_FOUND: {body: status}, ABORTED: {body: facade}, NOT_FOUND.item: {status: 410, body: exact"
        )
        let answer = operation.failure(
            RPCError(status, reason: reason.isEmpty ? nil : reason, ""), environment: Self.environment)
        #expect(answer.status == http)
        #expect(String(buffer: answer.body) == "\"\(text)\"")
    }

    @Test(
        "moments of the calendar's corners",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"), (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
            (1_704_067_199_999, "2023-12-31T23:59:59.999Z"),
        ])
    func moments(milliseconds: Int64, text: String) throws {
        let environment = TemplateEnvironment(requestID: "", now: milliseconds)
        let answer = try ShopFacade.operation(success: "[$now]").success(result: ByteBuffer(), environment: environment)
        #expect(String(buffer: answer.body) == "[\"\(text)\"]")
    }
}
