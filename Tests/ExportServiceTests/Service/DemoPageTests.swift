import ExportService
import JSONBytes
import NIOCore
import Testing

@Suite struct DemoPageTests {
    private func page(_ page: DemoPage) throws -> JSONValue {
        var buffer = ByteBuffer()
        page.write(to: &buffer)
        return try JSONValue(parsing: buffer.readableBytesView)
    }

    @Test func theDocumentsExampleIsAnswered() throws {
        var buffer = ByteBuffer()
        DemoPage(page: 1, limit: 2).write(to: &buffer)
        #expect(
            String(buffer: buffer) == #"{"data":[{"Age":"年龄","ID":"编号","Name":"姓名"},{"ID":0,"Name":"Demo","Age":15},"#
                + #"{"ID":1,"Name":"Demo","Age":15}],"pagetag":{"page":1,"limit":2,"total":500,"total_page":250}}"#)
    }

    @Test(arguments: [
        (1, 10, 500, 10, 50), (50, 10, 500, 10, 50), (51, 10, 500, 0, 50), (17, 30, 500, 20, 17), (1, 10, 0, 0, 0),
        (Int.max, 10_000, 5_000_000, 0, 500), (500, 10_000, 5_000_000, 10_000, 500), (1, 7, 1, 1, 1),
    ])
    func pagesRoundUpAndRepeatTheHeader(_ number: Int, _ limit: Int, _ total: Int, _ rows: Int, _ pages: Int) throws {
        let answer = try page(DemoPage(page: number, limit: limit, total: total))
        let data = try #require(answer["data"]?.elements)
        #expect(data.count == rows + 1 && data[0]["Name"] == "姓名")
        if rows > 0 { #expect(data[rows]["ID"]?.integer == (number - 1) * limit + rows - 1) }
        #expect(answer["pagetag"]?["total_page"]?.integer == pages && answer["pagetag"]?["total"]?.integer == total)
    }
}
