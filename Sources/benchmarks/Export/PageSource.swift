import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// A data source as fast as one can be: pages rendered beforehand, served from memory by NIO.
final class PageSource: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel
    let port: Int

    /// Renders the table's pages and starts to serve them.
    ///
    /// - Parameters:
    ///   - rows: what `pagetag` says; the table is served over and over if it has fewer.
    ///   - limit: rows of a page. Requests must ask for the same; the table's rows must be a multiple of it.
    static func start(_ table: SampleTable, rows: Int, limit: Int) async throws -> PageSource {
        guard table.rows % limit == 0 else {
            throw BenchmarkError("expected --limit to divide \(table.rows), found \(limit)")
        }
        let pages = (0..<table.rows / limit).map { page($0, of: table, limit: limit) }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(PageHandler(pages: pages, rows: rows, limit: limit))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return PageSource(group: group, channel: channel)
    }

    private init(group: MultiThreadedEventLoopGroup, channel: any Channel) {
        self.group = group
        self.channel = channel
        port = channel.localAddress?.port ?? 0
    }

    func stop() async throws {
        try await channel.close()
        try await group.shutdownGracefully()
    }

    /// Everything of a page's body before its `pagetag`.
    private static func page(_ index: Int, of table: SampleTable, limit: Int) -> ByteBuffer {
        var body = ByteBuffer(string: #"{"errcode":0,"msg":"","data":{"data":[{"#)
        for (column, caption) in table.captions.enumerated() {
            body.writeString("\(column == 0 ? "" : ",")\"column\(column)\":\"\(caption)\"")
        }
        body.writeString("}")
        for row in index * limit..<(index + 1) * limit {
            body.writeString(",{")
            for column in 0..<table.columns {
                let quote = SampleTable.isText(column) ? "\"" : ""
                body.writeString("\(column == 0 ? "" : ",")\"column\(column)\":\(quote)")
                body.writeBytes(table.cell(row: row, column: column))
                body.writeString(quote)
            }
            body.writeString("}")
        }
        return body
    }
}

/// Answers `?page=N` with the page rendered for it.
private final class PageHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let pages: [ByteBuffer]
    private let rows: Int
    private let limit: Int
    private var uri = ""

    init(pages: [ByteBuffer], rows: Int, limit: Int) {
        self.pages = pages
        self.rows = rows
        self.limit = limit
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): uri = head.uri
        case .body: break
        case .end: answer(context)
        }
    }

    private func answer(_ context: ChannelHandlerContext) {
        let query = URLComponents(string: uri)?.queryItems ?? []
        let page = query.first { $0.name == "page" }.flatMap { $0.value }.flatMap { Int($0) } ?? 1
        let totalPages = (rows + limit - 1) / limit
        let tag = #"{"page":\#(page),"limit":\#(limit),"total":\#(rows),"total_page":\#(totalPages)}"#
        let tail = ByteBuffer(string: #"],"pagetag":\#(tag)},"request_id":"benchmark"}"#)
        let body = pages[(max(page, 1) - 1) % pages.count]
        let headers: HTTPHeaders = [
            "content-type": "application/json", "content-length": "\(body.readableBytes + tail.readableBytes)",
        ]
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .ok, headers: headers))), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(tail))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
