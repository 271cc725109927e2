import ExportService
import JSONBytes
import Testing

/// The documented envelope, and what is said about anything else.
@Suite struct PageReaderTests {
    private func read(_ text: String, limit: Int = 10) throws(PageFault) -> SourcePage {
        try PageReader.read(Array(text.utf8), limit: limit)
    }

    @Test func theDocumentsExampleIsRead() throws {
        let page = try read(
            #"""
            {"errcode":0,"msg":"","data":{"data":[{"Age":"年龄"},{"Age":15}],
            "pagetag":{"page":1,"limit":2,"total":500,"total_page":250}},"request_id":"b4ef2d59"}
            """#)
        #expect(page.tag == PageTag(total: 500, limit: 2, page: 1))
        #expect(String(decoding: page.bytes[page.rows], as: UTF8.self) == #"[{"Age":"年龄"},{"Age":15}]"#)
        #expect(page.tag.pages(limit: 2) == 250 && PageTag(total: 501, limit: 2).pages(limit: 2) == 251)
    }

    @Test func numbersMayBeDigitsInStringsAndTheLimitMayBeMissing() throws {
        #expect(try read(#"{"data":{"data":[],"pagetag":{"total":"12"}}}"#).tag == PageTag(total: 12, limit: 10))
    }

    @Test(arguments: [
        ("<html><body>busy</body></html>", "not JSON: expected a value, at offset 0 (it looks like HTML)"),
        ("", "not JSON: the document ends too early, at offset 0"), ("[]", "expected a JSON object"),
        (#"{"errcode":7,"msg":"no rights","data":null}"#, "the source answered errcode 7: no rights"),
        (#"{"errcode":-1}"#, "the source answered errcode -1: "),
        (#"{"errcode":"0","data":{}}"#, "expected a number in errcode"),
        (#"{"errcode":0}"#, "expected an object in data"),
        (#"{"errcode":0,"data":{"data":{}}}"#, "expected an array in data.data"),
        (#"{"errcode":0,"data":{"data":[]}}"#, "expected an object in data.pagetag"),
        (#"{"data":{"data":[],"pagetag":{}}}"#, "expected a whole number in data.pagetag.total"),
        (#"{"data":{"data":[],"pagetag":{"total":-1}}}"#, "expected a whole number in data.pagetag.total"),
        (#"{"data":{"data":[],"pagetag":{"total":1.5}}}"#, "expected a whole number in data.pagetag.total"),
    ])
    func whatIsWrongIsSaid(_ text: String, _ reason: String) {
        #expect(throws: PageFault.lasting(reason)) { try read(text) }
    }

    @Test func aSourcesMessageIsCut() throws {
        let text = String(repeating: "长", count: 1_000)
        let fault = #expect(throws: PageFault.self) { try read(#"{"errcode":1,"msg":"\#(text)"}"#) }
        guard case .lasting(let reason) = fault else { return }
        #expect(reason.count < 260)
    }
}
