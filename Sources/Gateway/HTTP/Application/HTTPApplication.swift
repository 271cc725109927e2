import NIOCore
import NIOHTTP1

/// What a port serves, on one event loop; everything is called there.
protocol HTTPApplication: AnyObject {
    /// What the access log calls this port.
    var name: String { get }
    /// Which foreign pages are let in; nil: none, and browsers are told nothing.
    var crossOrigin: CrossOriginRule? { get }
    /// A head has come and its framing is sound; the body, if any, follows.
    func admit(_ head: HTTPRequestHead, _ framing: MessageFraming, from peer: HTTPPeer) -> HTTPAdmission
    /// The answer to what never became a request.
    func answer(to refusal: HTTPRefusal) -> HTTPReply
}

/// What becomes of a request whose head has come.
enum HTTPAdmission {
    /// Answered without looking at the body.
    case reply(HTTPReply)
    /// Run when the body is complete. A body is collected up to `bodyLimit` octets; zero: none is wanted, and one that
    /// comes all the same is dropped.
    case run(any HTTPExchange, bodyLimit: Int, isJSON: Bool)
}

/// One request on its way through an application.
protocol HTTPExchange: AnyObject {
    /// The request is complete; the exchange answers through the connection, once.
    func run(body: ByteBuffer?, on connection: HTTPConnectionHandler)
    /// The body is refused while it arrives; the exchange ends with this answer.
    func answer(to refusal: HTTPRefusal) -> HTTPReply
    /// The client is gone, or takes nothing any more: nothing may be written from now on.
    func clientLeft()
    /// The process stops; an exchange without an end of its own ends now.
    func drain()
}

/// An answer and the id of the request it belongs to.
struct HTTPReply {
    var answer: HTTPAnswer
    var requestID: String
}

/// Who is at the other end of a connection.
final class HTTPPeer {
    /// The client's address, without its port.
    let ip: String
    /// The last base made from a `Host`; a client says the same one every time.
    var base: (host: String, text: String)?
    /// What the access log will say of the request under way; nil when there is no log.
    var record: AccessRecord?

    init(ip: String) {
        self.ip = ip
    }
}
