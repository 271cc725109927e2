import JSONBytes
import Testing

@Suite struct JSONValueTests {
    private static let text = #"{"b":[1,2.50,-3e2,{}],"a":"\u6c49\ud83d\ude00\n","t":true,"f":false,"n":null,"e":[]}"#

    @Test func keepsOrderAndTheTextOfNumbers() throws {
        let value = try JSONValue(parsing: Self.text.utf8)
        #expect(value.description == #"{"b":[1,2.50,-3e2,{}],"a":"汉😀\n","t":true,"f":false,"n":null,"e":[]}"#)
        #expect(value["b"]?[1] == .number("2.50"))
        #expect(value["b"]?[0]?.integer == 1)
        #expect(value["a"]?.string == "汉😀\n")
        #expect(value["t"]?.bool == true)
        #expect(value["missing"] == nil)
        #expect(value.members?.map(\.key) == ["b", "a", "t", "f", "n", "e"])
    }

    @Test func namesOfTheSameLookButOtherOctetsAreDifferent() throws {
        let value = try JSONValue(parsing: #"{"e\u0301":1,"\u00e9":2}"#.utf8)
        #expect(value["\u{E9}"] == 2)
        #expect(value["e\u{301}"] == 1)
    }

    @Test func literalsMakeTheSameTreeAsTheirText() throws {
        let value: JSONValue = ["z": [1, -2, 1.5], "a": "x", "t": true, "n": nil]
        #expect(try value == JSONValue(parsing: #" {"z" : [1, -2 , 1.5], "a":"x","t":true,"n":null } "#.utf8))
    }

    @Test func canonicalFormSortsMembersByTheirOctets() throws {
        let value = try JSONValue(parsing: #"{"é":1,"b":{"d":1,"c":[{"y":1,"x":2}]},"a":1.0,"Z":2,"":3,"a":4}"#.utf8)
        let canonical = String(decoding: value.canonicalBytes, as: UTF8.self)
        #expect(canonical == #"{"":3,"Z":2,"a":1.0,"b":{"c":[{"x":2,"y":1}],"d":1},"é":1}"#)
    }

    @Test func theDeepestAllowedDocumentIsReadAndWrittenAgain() throws {
        let text = String(repeating: #"[{"a":"#, count: 256) + "1" + String(repeating: "}]", count: 256)
        #expect(try JSONValue(parsing: text.utf8).description == text)
        #expect(throws: JSONSyntaxError(offset: 1 + 255 * 6 + 1, reason: .tooDeep)) {
            try JSONValue(parsing: "[".utf8 + Array(text.utf8) + "]".utf8)
        }
    }
}
