import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// An X API as fast as one can be: users who have posted without end, rendered beforehand but for the ids.
final class PostSource: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel

    var url: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)" }

    static func start(_ texts: PostTexts) async throws -> PostSource {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let tails = texts.tails.map { ByteBuffer(string: $0) }
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(PostHandler(tails: tails))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return PostSource(group: group, channel: channel)
    }

    private init(group: MultiThreadedEventLoopGroup, channel: any Channel) {
        self.group = group
        self.channel = channel
    }

    func stop() async throws {
        try await channel.close()
        try await group.shutdownGracefully()
    }
}

/// Answers who a user is (`/2/users/by/username/u7`), and pages of posts (`/2/users/7/tweets`).
private final class PostHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let tails: [ByteBuffer]
    private var uri = ""

    init(tails: [ByteBuffer]) { self.tails = tails }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): uri = head.uri
        case .body: break
        case .end: answer(context)
        }
    }

    private func answer(_ context: ChannelHandlerContext) {
        let parts = URLComponents(string: uri)
        let path = parts?.path.split(separator: "/").map(String.init) ?? []
        let body = path.last == "tweets" ? page(of: path[2], parts?.queryItems ?? []) : user(path.last ?? "")
        let headers: HTTPHeaders = [
            "content-type": "application/json", "content-length": "\(body.readableBytes)",
        ]
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .ok, headers: headers))), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    private func user(_ name: String) -> ByteBuffer {
        ByteBuffer(string: #"{"data":{"id":"\#(name.dropFirst())","username":"\#(name)","name":"the user \#(name)"}}"#)
    }

    private func page(of user: String, _ query: [URLQueryItem]) -> ByteBuffer {
        func integer(_ name: String) -> Int? { query.first { $0.name == name }?.value.flatMap(Int.init) }
        let (start, count, number) = (integer("pagination_token") ?? 0, integer("max_results") ?? 100, Int(user) ?? 0)
        var body = ByteBuffer(string: #"{"data":["#)
        for index in start..<start + count {
            body.writeString(
                "\(index == start ? "" : ",")\(#"{"id":""#)\(1_800_000_000_000_000_000 + number << 32 + index)")
            // Each user begins elsewhere.
            body.writeImmutableBuffer(tails[(number * 10_007 + index) % tails.count])
        }
        body.writeString(
            #"""
            ],"includes":{"users":[{"id":"1","username":"author\#(number)","name":"the author"}]},\#
            "meta":{"result_count":\#(count),"next_token":"\#(start + count)"}}
            """#)
        return body
    }
}
