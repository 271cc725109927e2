import NIOCore
import NIOPosix

/// Compresses whole answers for clients that ask for it: small ones at once, large ones beside the event loop.
///
/// What compresses is JSON without an `ETag`, so no tag ever stands for two different texts. Streams and events go out
/// as the service sends them.
final class AnswerCompressor {
    /// Answers below this are sent as they are: the head is most of them.
    static let octetsMin = 1024

    private let eventLoop: any EventLoop
    private let load: GatewayLoad
    private var encoder: GzipEncoder?
    private var jobs = 0

    init(eventLoop: any EventLoop, load: GatewayLoad) {
        self.eventLoop = eventLoop
        self.load = load
    }

    /// Hands the answer on, compressed if it is worth it and `acceptEncoding` agrees; maybe later than now.
    func compress(
        _ answer: HTTPAnswer, acceptEncoding: String?, then: @escaping (HTTPAnswer) -> Void
    ) {
        let octets = answer.body.readableBytes
        guard octets >= Self.octetsMin, octets <= load.limits.compressedBytesMax else { return then(answer) }
        var answer = answer
        answer.headers.append(("vary", "accept-encoding"))
        guard let acceptEncoding, AcceptEncoding.takesGzip(acceptEncoding) else { return then(answer) }
        if octets <= inlineOctetsMax {
            if encoder == nil { encoder = GzipEncoder() }
            return then(answer.encoded(encoder?.encode(answer.body, allocator: ByteBufferAllocator())))
        }
        compressElsewhere(answer, then)
    }

    /// With all places taken, sending more octets is quicker than waiting.
    private func compressElsewhere(_ answer: HTTPAnswer, _ then: @escaping (HTTPAnswer) -> Void) {
        guard jobs < jobsMax else { return then(answer) }
        jobs += 1
        let body = answer.body
        load.countBytes(body.readableBytes)
        NIOThreadPool.singleton
            .runIfActive(eventLoop: eventLoop) { GzipEncoder()?.encode(body, allocator: ByteBufferAllocator()) }
            .assumeIsolated()
            .whenComplete { [self] result in
                jobs -= 1
                load.giveBackBytes(body.readableBytes)
                then(answer.encoded(try? result.get()))
            }
    }
}

extension HTTPAnswer {
    /// With another body, if there is one.
    fileprivate func encoded(_ body: ByteBuffer?) -> HTTPAnswer {
        guard let body else { return self }
        return HTTPAnswer(status: status, headers: headers + [("content-encoding", "gzip")], body: body)
    }
}

/// An event loop may be kept from others for about a millisecond.
private let inlineOctetsMax = 64 * 1024

/// Large answers of one loop that are compressed at the same time.
private let jobsMax = 4
