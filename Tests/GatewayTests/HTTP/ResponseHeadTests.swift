import NIOCore
import Testing

@testable import Gateway

struct ResponseHeadTests {
    @Test("a field that would begin another field is left out")
    func injection() {
        var head = ResponseHead(status: 200, allocator: ByteBufferAllocator())
        head.field("etag", "\"1\"\r\nX-Evil: 1")
        head.field(named: "x-bad name", "1")
        head.field(named: "x-good", "1\t2 ü")
        head.field("content-length", 0)
        #expect(String(buffer: head.finish()) == "HTTP/1.1 200 OK\r\nx-good: 1\t2 ü\r\ncontent-length: 0\r\n\r\n")
    }

    @Test(
        "numbers are written as people write them", arguments: [0, 7, 10, 1234567890, 9_999_999_999_999, Int.max, -1])
    func decimals(number: Int) {
        var buffer = ByteBuffer()
        buffer.writeDecimal(number)
        #expect(String(buffer: buffer) == "\(number)")
    }

    @Test(
        "a download's name is safe for every client",
        arguments: [
            ("a.zip", #"attachment; filename=a.zip"#),
            ("报告.xlsx", #"attachment; filename="__.xlsx"; filename*=UTF-8''%E6%8A%A5%E5%91%8A.xlsx"#),
            ("a\"b\\c.txt", #"attachment; filename=c.txt"#),
            ("a\"b.txt", #"attachment; filename="a_b.txt"; filename*=UTF-8''a%22b.txt"#),
            ("../../etc/passwd", #"attachment; filename=passwd"#),
            ("a\r\nX-Evil: 1", #"attachment; filename="aX-Evil: 1""#),
            ("100%.txt", #"attachment; filename="100_.txt"; filename*=UTF-8''100%25.txt"#),
            ("..", #"attachment; filename=download"#), ("", #"attachment; filename=download"#),
            ("a\u{202E}gpj.exe", #"attachment; filename=agpj.exe"#),
        ])
    func dispositions(name: String, field: String) {
        #expect(ContentDisposition.attachment(name) == field)
    }

    @Test("dates are those of http")
    func dates() {
        #expect(TimeText.httpDate(secondsSince1970: 784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(TimeText.httpDate(secondsSince1970: 951_782_400) == "Tue, 29 Feb 2000 00:00:00 GMT")
    }

    @Test("events are text that any EventSource reads")
    func events() {
        var text = EventText()
        text.add(event: "progress", id: 7, data: ByteBuffer(string: "{\r\n\"a\":1}"))
        #expect(String(buffer: text.buffer) == "id: 7\nevent: progress\ndata: {\ndata: \ndata: \"a\":1}\n\n")
    }
}
