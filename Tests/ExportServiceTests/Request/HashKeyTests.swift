import ExportService
import JSONBytes
import Testing

@Suite struct HashKeyTests {
    @Test func theKeyIsTheMD5OfTheRequestWithSortedKeys() {
        #expect(HashKey(of: Sample.http).text == "9559e779f7673dfcf0cd5d0861498b6f")
        #expect(HashKey(of: Sample.raw).text == "00a06087274068de4a25913deecca91a")
    }

    @Test(arguments: [
        #"{"b":[1,{"d":null,"c":"é"}],"a":1}"#, #" { "a" : 1 , "b" : [ 1 , { "c" : "\u00e9" , "d" : null } ] } "#,
    ])
    func spellingDoesNotMatter(_ text: String) throws {
        #expect(
            try HashKey(of: JSONValue(parsing: text.utf8)) == HashKey(of: ["a": 1, "b": [1, ["c": "é", "d": nil]]]))
    }

    @Test(arguments: [#"{"a":2}"#, #"{"a":"1"}"#, #"{"a":1,"b":null}"#, #"{"A":1}"#])
    func meaningMatters(_ text: String) throws {
        #expect(try HashKey(of: JSONValue(parsing: text.utf8)) != HashKey(of: ["a": 1]))
    }

    @Test(arguments: [
        "", "x", "../../etc/passwd", "2C3A54F7120A0D31F847D43F2C9725B6", "2c3a54f7120a0d31f847d43f2c9725b",
        "2c3a54f7120a0d31f847d43f2c9725b6 ", "2c3a54f7120a0d31f847d43f2c9725b/", "２c3a54f7120a0d31f847d43f2c9725b6",
    ])
    func anythingElseIsNoKey(_ text: String) {
        #expect(HashKey(text) == nil)
    }
}
