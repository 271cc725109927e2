import JSONBytes
import Testing

@Suite struct JSONWriterTests {
    @Test func setsCommasBetweenItemsOnly() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("a")
        writer.beginArray()
        writer.integer(1)
        writer.beginObject()
        writer.endObject()
        writer.beginArray()
        writer.endArray()
        writer.bool(false)
        writer.endArray()
        writer.key("b")
        writer.null()
        writer.key("c")
        writer.raw(#"{"d":[]}"#.utf8)
        writer.key("e")
        writer.integer(UInt64.max)
        writer.endObject()
        #expect(text(writer) == #"{"a":[1,{},[],false],"b":null,"c":{"d":[]},"e":18446744073709551615}"#)
    }

    @Test func escapesWhatMustBeEscapedAndNothingElse() {
        var writer = JSONWriter()
        writer.string("\"\\/\u{8}\u{C}\n\r\t\0\u{1F}\u{7F}é汉😀\u{2028}")
        #expect(text(writer) == #""\"\\/\b\f\n\r\t\u0000\u001f"# + "\u{7F}é汉😀\u{2028}\"")
    }

    @Test(arguments: 0..<0x20 as Range<UInt8>)
    func everyControlCharacterReadsBackAsItself(_ octet: UInt8) throws {
        let original = "plain text before \(Character(Unicode.Scalar(octet))) and behind"
        var writer = JSONWriter()
        writer.string(original)
        #expect(try JSONValue(parsing: writer.bytes) == .string(original))
    }

    @Test(arguments: [
        (0.0, "0.0"), (-1.5, "-1.5"), (1e21, "1e+21"), (.leastNonzeroMagnitude, "5e-324"), (0.1, "0.1"),
        (.infinity, "null"),
        (.nan, "null"),
    ])
    func doublesAreShortAndAlwaysJSON(_ value: Double, expected: String) throws {
        var writer = JSONWriter()
        writer.double(value)
        #expect(text(writer) == expected)
        #expect(verdict(writer.bytes, cuts: []) == nil)
    }

    @Test func canBeUsedAgain() {
        var writer = JSONWriter(reservingCapacity: 64)
        writer.beginArray()
        writer.integer(1)
        writer.removeAll()
        writer.beginArray()
        writer.integer(2)
        writer.endArray()
        #expect(text(writer) == "[2]")
    }

    private func text(_ writer: JSONWriter) -> String { String(decoding: writer.bytes, as: UTF8.self) }
}
