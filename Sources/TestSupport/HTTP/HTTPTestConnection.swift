import NIOCore
import NIOHTTP1

/// One connection of a test server: reads requests, asks the handler, writes answers.
///
/// Requests are parsed by NIO, answers are written as plain bytes: a fault is then just other bytes.
struct HTTPTestConnection: Sendable {
    typealias Channel = NIOAsyncChannel<HTTPServerRequestPart, ByteBuffer>

    let number: Int
    let record: HTTPTestRecord
    let requestBytesMax: Int
    let handler: HTTPTestServer.Handler

    /// Answers requests until either side closes; whatever goes wrong ends this connection only.
    func serve(_ channel: Channel) async {
        try? await channel.executeThenClose { inbound, outbound in
            var head: HTTPRequestHead?
            var body: [UInt8] = []
            for try await part in inbound {
                switch part {
                case .head(let received):
                    head = received
                    body = []
                    if received.headers["expect"].contains("100-continue") {
                        try await outbound.write(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n"))
                    }
                case .body(let bytes):
                    guard body.count + bytes.readableBytes <= requestBytesMax else { return }
                    body += bytes.readableBytesView
                case .end:
                    guard let complete = head else { return }
                    guard try await answer(complete, body: body, on: outbound), complete.isKeepAlive else { return }
                }
            }
        }
    }

    /// Returns whether the connection may carry another request.
    private func answer(
        _ head: HTTPRequestHead, body: [UInt8], on outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws -> Bool {
        let request = HTTPTestRequest(
            method: head.method.rawValue, target: head.uri, headers: head.headers.map { ($0.name, $0.value) },
            body: body, connection: number)
        record.received(request)
        let answer = await handler(request)
        try Task.checkCancellation()
        return try await HTTPTestAnswerWriter(answer: answer, isHead: head.method == .HEAD).write(to: outbound)
    }
}
