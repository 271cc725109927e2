import JSONBytes
import NIOCore
import NIOHTTP1

/// `/healthz`, `/readyz` and `/metrics`: answered at once, without any service.
final class AdminApplication: HTTPApplication {
    let name = "admin"
    let crossOrigin: CrossOriginRule? = nil
    private let loop: GatewayLoop
    private let hosts: HostRule
    private let pages: AdminPages

    init(loop: GatewayLoop, hosts: HostRule, pages: AdminPages) {
        self.loop = loop
        self.hosts = hosts
        self.pages = pages
    }

    func admit(_ head: HTTPRequestHead, _ framing: MessageFraming, from peer: HTTPPeer) -> HTTPAdmission {
        guard let target = RequestTarget(head.uri) else { return reply(.malformed("the request target is no path")) }
        let host = target.host.map(String.init) ?? head.headers.firstField("host") ?? ""
        guard hosts.allows(host) else { return reply(.foreignHost(host)) }
        guard let page = page(at: target.path) else { return reply(.unknownRoute(String(target.path))) }
        guard head.method == .GET || head.method == .HEAD else {
            return reply(.methodNotAllowed(head.method.rawValue, allow: ["GET", "HEAD"]))
        }
        return .reply(HTTPReply(answer: page, requestID: loop.identities.uuid()))
    }

    func answer(to refusal: HTTPRefusal) -> HTTPReply {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("error")
        writer.string(refusal.text)
        writer.endObject()
        var answer = json(status: refusal.status, writer.bytes)
        if case .methodNotAllowed(_, let allow) = refusal {
            answer.headers.append(("allow", allow.joined(separator: ", ")))
        }
        return HTTPReply(answer: answer, requestID: loop.identities.uuid())
    }

    private func reply(_ refusal: HTTPRefusal) -> HTTPAdmission {
        .reply(answer(to: refusal))
    }

    private func page(at path: Substring) -> HTTPAnswer? {
        switch path {
        case "/healthz": json(status: 200, #"{"status":"ok"}"#.utf8)
        case "/readyz": readiness()
        case "/metrics":
            HTTPAnswer(
                status: 200, headers: [("content-type", "text/plain; version=0.0.4; charset=utf-8")],
                body: ByteBuffer(string: pages.metrics()))
        default: nil
        }
    }

    private func readiness() -> HTTPAnswer {
        let waiting = pages.notReady()
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("status")
        writer.string(waiting.isEmpty ? "ready" : "not ready")
        writer.key("waiting_for")
        writer.beginArray()
        for name in waiting { writer.string(name) }
        writer.endArray()
        writer.key("unavailable_services")
        writer.beginArray()
        for name in pages.unavailableServices() { writer.string(name) }
        writer.endArray()
        writer.endObject()
        return json(status: waiting.isEmpty ? 200 : 503, writer.bytes)
    }

    private func json(status: Int, _ bytes: some Sequence<UInt8>) -> HTTPAnswer {
        HTTPAnswer(status: status, headers: [("content-type", "application/json")], body: ByteBuffer(bytes: bytes))
    }
}

/// What the admin port shows, asked anew for every request.
package struct AdminPages: Sendable {
    /// The Prometheus text of everything measured.
    package var metrics: @Sendable () -> String
    /// What the process still waits for; empty: ready.
    package var notReady: @Sendable () -> [String]

    /// Services none of whose replicas serves. They keep nobody from being ready: what they do not serve is answered
    /// 503, and taking every gateway out of service for it would end the services that are well, too.
    package var unavailableServices: @Sendable () -> [String]

    package init(
        metrics: @escaping @Sendable () -> String, notReady: @escaping @Sendable () -> [String],
        unavailableServices: @escaping @Sendable () -> [String] = { [] }
    ) {
        self.metrics = metrics
        self.notReady = notReady
        self.unavailableServices = unavailableServices
    }
}
