import NIOCore
import NIOHTTP1

/// A request for the façade's own document, answered without any service.
final class DocumentExchange: HTTPExchange {
    private let document: HTTPAnswer
    private let acceptEncoding: String?
    private let identity: RequestIdentity
    private let application: FacadeApplication

    init(
        _ document: HTTPAnswer, _ head: HTTPRequestHead, _ identity: RequestIdentity, _ application: FacadeApplication
    ) {
        self.document = document
        acceptEncoding = head.headers.firstField("accept-encoding")
        self.identity = identity
        self.application = application
    }

    func run(body: ByteBuffer?, on connection: HTTPConnectionHandler) {
        application.elsewhere.answered(status: document.status)
        application.loop.compressor.compress(document, acceptEncoding: acceptEncoding) { [identity] answer in
            connection.send(HTTPReply(answer: answer, requestID: identity.requestID))
        }
    }

    func answer(to refusal: HTTPRefusal) -> HTTPReply { application.answer(to: refusal) }
    func clientLeft() {}
    func drain() {}
}
