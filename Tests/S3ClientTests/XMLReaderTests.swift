import Testing
@testable import S3Client

@Suite struct XMLReaderTests {
    private func read(_ text: String) throws -> XMLElement { try XMLReader.read(Array(text.utf8)) }

    @Test func anAnswerIsRead() throws {
        let list = try read(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <!-- made by hand -->
            <s3:List xmlns:s3='http://s3.amazonaws.com/doc/2006-03-01/' odd=">"><Empty/><Key a="1">a &amp; &#x4e2d;&#65;</Key>
            <Key><![CDATA[<&>]]></Key></s3:List> behind
            """)
        #expect(list.name == "List" && list["Empty"]?.text == "")
        #expect(list.all("Key").map(\.text) == ["a & 中A", "<&>"])
    }

    @Test(
        "what no store has to answer is refused",
        arguments: [
            ("", XMLFault.malformed), ("<a>", .malformed), ("<a></b>", .malformed), ("</a>", .malformed),
            ("text", .malformed), ("<a", .malformed), ("<>", .malformed), ("<a>&lol;</a>", .unknownEntity),
            ("<a>&amp</a>", .unknownEntity), ("<a>&#xD800;</a>", .unknownEntity),
            ("<a>&#99999999999;</a>", .unknownEntity),
            ("<!DOCTYPE a [<!ENTITY lol \"lol\">]><a>&lol;</a>", .documentType),
            ("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", .documentType),
            ("<a><!ENTITY % x SYSTEM \"http://127.0.0.1/\"></a>", .documentType), ("<a><![CDATA[x</a>", .malformed),
            ("<!-- never ends", .malformed),
        ])
    func refused(text: String, fault: XMLFault) {
        #expect(throws: fault) { try read(text) }
    }

    @Test func depthAndNumberAreLimited() {
        #expect(throws: XMLFault.tooLarge) { try read(String(repeating: "<a>", count: 100_000)) }
        #expect(throws: XMLFault.tooLarge) { try read("<a>" + String(repeating: "<b/>", count: 60_000) + "</a>") }
        #expect(throws: XMLFault.notUTF8) { try XMLReader.read([0x3c, 0x61, 0x3e, 0xff, 0x3c, 0x2f, 0x61, 0x3e]) }
    }
}
