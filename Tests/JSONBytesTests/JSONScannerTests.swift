import JSONBytes
import Testing

@Suite struct JSONScannerTests {
    @Test(arguments: [
        ("{}", JSONKind.object), (" [1]", .array), ("\n\"a\"", .string), ("-1", .number), ("0", .number),
        ("true", .true), ("false", .false), ("null ", .null),
    ])
    func tellsTheKindByTheFirstOctet(_ text: String, kind: JSONKind) {
        #expect(withBytes(text, JSONScanner.kind) == kind)
    }

    @Test func answersMembersInOrderWithoutWhitespace() {
        let text = #" { "a" : 1 , "b\"" : [ {"x":"]}"} , 2 ] ,"c":"q\\" , "d":{"e":{}},"f":null } "#
        let members = withBytes(text) { bytes in
            var members: [String] = []
            JSONScanner.forEachMember(of: bytes) { key, value in
                members.append("\(part(bytes, key)) = \(part(bytes, value))")
                return true
            }
            return members
        }
        #expect(
            members == [
                "a = 1", #"b\" = [ {"x":"]}"} , 2 ]"#, #"c = "q\\""#, #"d = {"e":{}}"#, "f = null",
            ])
    }

    @Test(arguments: [
        ("[]", []), (" [ ] ", []), ("[1]", ["1"]),
        (
            "[ -1.5e3 ,\"a,]\", [[],{}] , {\"k\":[1]},true]",
            ["-1.5e3", "\"a,]\"", "[[],{}]", "{\"k\":[1]}", "true"]
        ),
        ("{\"a\":1}", []), ("\"[1]\"", []), ("1", []),
    ])
    func answersElementsInOrder(_ text: String, expected: [String]) {
        let elements = withBytes(text) { bytes in
            var elements: [String] = []
            JSONScanner.forEachElement(of: bytes) { range in
                elements.append(part(bytes, range))
                return true
            }
            return elements
        }
        #expect(elements == expected)
    }

    @Test func stopsWhenToldTo() {
        var count = 0
        withBytes("[1,2,3,4]") { bytes in
            JSONScanner.forEachElement(of: bytes) { _ in
                count += 1
                return count < 2
            }
        }
        #expect(count == 2)
    }

    @Test func findsAMemberHoweverItsNameIsEscaped() {
        let text = #"{"x":{"name":0},"n\u0061me":1,"name":2,"汉":3,"a/b":4}"#
        withBytes(text) { bytes in
            #expect(JSONScanner.member("name", of: bytes).map { part(bytes, $0) } == "1")
            #expect(JSONScanner.member("汉", of: bytes).map { part(bytes, $0) } == "3")
            #expect(JSONScanner.member("a/b", of: bytes).map { part(bytes, $0) } == "4")
            #expect(JSONScanner.member("nam", of: bytes) == nil)
            #expect(JSONScanner.member("", of: bytes) == nil)
        }
        #expect(withBytes("[1]") { JSONScanner.member("name", of: $0) } == nil)
    }

    @Test(arguments: [
        (#""""#, ""), (#""plain""#, "plain"), (#" "\"\\\/\b\f\n\r\t" "#, "\"\\/\u{8}\u{C}\n\r\t"),
        (#""a\u0041\u00e9\u6c49z""#, "aAé汉z"), (#""\ud83d\ude00!""#, "😀!"), (#""汉\n字""#, "汉\n字"),
        (#""\ud83d""#, "\u{FFFD}"), (#""\ude00\ud83d""#, "\u{FFFD}\u{FFFD}"), (#""\ud83d\u0041""#, "\u{FFFD}A"),
        (#""\ud83d\ud83d\ude00""#, "\u{FFFD}😀"), (#""\ud83dx""#, "\u{FFFD}x"), (#""\u0000""#, "\0"),
    ])
    func undoesEscapes(_ text: String, expected: String) {
        #expect(withBytes(text, JSONScanner.string).unicodeScalars.elementsEqual(expected.unicodeScalars))
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("42", 42), (" 7 ", 7), ("9223372036854775807", .max), ("-9223372036854775808", .min),
            ("9223372036854775808", nil), ("-9223372036854775809", nil), ("99999999999999999999", nil), ("1.0", nil),
            ("1e2", nil), ("true", nil), ("\"1\"", nil), ("null", nil),
        ] as [(String, Int?)])
    func readsIntegersExactlyOrNotAtAll(_ text: String, expected: Int?) {
        #expect(withBytes(text, JSONScanner.integer) == expected)
    }

    @Test(arguments: [("1.5", 1.5), ("-2e3", -2000), ("1e400", nil), ("true", nil)] as [(String, Double?)])
    func readsDoublesThatAreFinite(_ text: String, expected: Double?) {
        #expect(withBytes(text, JSONScanner.double) == expected)
    }

    @Test(arguments: DocumentCases.refused.map(\.document))
    func octetsThatWereNotValidatedNeverLeadOutOfBounds(_ document: [UInt8]) {
        document.withUnsafeBytes { bytes in
            JSONScanner.forEachElement(of: bytes) { !JSONScanner.slice(bytes, $0).isEmpty }
            JSONScanner.forEachMember(of: bytes) { key, value in
                _ = JSONScanner.string(JSONScanner.slice(bytes, value))
                return JSONScanner.slice(bytes, key).count >= 0
            }
        }
    }
}

private func withBytes<T>(_ text: String, _ body: (UnsafeRawBufferPointer) -> T) -> T {
    Array(text.utf8).withUnsafeBytes(body)
}

private func part(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> String {
    String(decoding: JSONScanner.slice(bytes, range), as: UTF8.self)
}
