import Gateway
import NIOCore
import RPC
import Testing

@Suite("Path and query values become JSON")
struct ParameterCoercionTests {
    @Test(
        "a value of its schema is written as its type",
        arguments: [
            ("integer", "7", "7"), ("integer", "-007", "-7"), ("integer", "%2B7", "7"),
            ("integer", "9223372036854775807", "9223372036854775807"),
            ("number", "1.50", "1.5"), ("number", "1e3", "1000.0"), ("number", ".5", "0.5"),
            ("boolean", "true", "true"), ("boolean", "No", "false"), ("boolean", "1", "true"),
            ("string", "a+b%20c", #""a b c""#), ("string", "%22%0A\\", #""\"\n\\""#), ("string", "", #""""#),
            ("string", "%E4%B8%AD%zz", #""中%zz""#), ("string", "%ff", "\"\u{FFFD}\""),
            ("string, minLength: 1, maxLength: 2", "中文", #""中文""#), ("string, enum: [a, b]", "b", #""b""#),
            ("integer, minimum: 1, maximum: 2", "2", "2"), ("integer, enum: [1, 5]", "05", "5"),
            ("[integer, 'null']", "3", "3"),
        ])
    func accepted(type: String, text: String, json: String) throws {
        let operation = try operation(type)
        let params = try operation.parameters(path: ["i%2F1"], query: "x=\(text)", body: nil).get()
        #expect(params.map { String(buffer: $0) } == #"{"id":"i/1","x":\#(json)}"#)
    }

    @Test(
        "a value that is not of its schema is refused in pydantic's words",
        arguments: [
            ("integer", "", "int_parsing"), ("integer", "1.5", "int_parsing"), ("integer", "0x10", "int_parsing"),
            ("integer", "9223372036854775808", "int_parsing_size"), ("number", "nan", "finite_number"),
            ("number", "0x1p3", "float_parsing"), ("number", "ten", "float_parsing"),
            ("number", "1e999", "finite_number"), ("boolean", "2", "bool_parsing"),
            ("string, enum: [a, b]", "c", "enum"), ("string, minLength: 2", "中", "string_too_short"),
            ("string, maxLength: 2", "abc", "string_too_long"), ("integer, minimum: 1", "0", "greater_than_equal"),
            ("integer, maximum: 1", "2", "less_than_equal"), ("number, exclusiveMinimum: 0", "0", "greater_than"),
            ("number, exclusiveMaximum: 1", "1", "less_than"),
        ])
    func refused(type: String, text: String, word: String) throws {
        let error = #expect(throws: RPCError.self) {
            try operation(type).parameters(path: ["1"], query: "x=\(text)", body: nil).get()
        }
        #expect(error?.status == .invalidArgument)
        #expect(error?.details.map(\.type) == [word])
        #expect(error?.details.map(\.path) == [[.name("x")]])
    }

    @Test(
        "absent, repeated and unknown names",
        arguments: [
            ("", #"{"id":"1","size":20}"#), ("size=1&size=2", #"{"id":"1","size":2}"#),
            ("other=1&&=&size", nil), ("size=3&flag=on", #"{"id":"1","size":3,"flag":true}"#),
            ("si%7Ae=4", #"{"id":"1","size":4}"#),
        ])
    func presence(query: String, json: String?) throws {
        let operation = try ShopFacade.operation(
            parameters: """
                [{name: size, in: query, schema: {type: integer, default: 20}},
                {name: flag, in: query, schema: {type: boolean}}, {name: X-Trace, in: header, schema: {type: string}}]
                """.replacing("\n", with: " "))
        let params = try? operation.parameters(path: ["1"], query: query[...], body: nil).get()
        #expect(params.flatMap { $0 }.map { String(buffer: $0) } == json)
    }

    private func operation(_ type: String) throws -> CompiledOperation {
        try ShopFacade.operation(parameters: "[{name: x, in: query, schema: {type: \(type)}}]")
    }
}
