import NIOCore
import NIOHTTP1
import RPC

/// Serves one façade on one event loop: finds the operation, judges the head, makes the exchange.
final class FacadeApplication: HTTPApplication {
    let facade: CompiledFacade
    let loop: GatewayLoop
    let retryAfter: Duration
    let heartbeatInterval: TimeAmount
    let eventHeadDelay: TimeAmount
    let crossOrigin: CrossOriginRule?
    private let hosts: HostRule
    private let origins: OriginRule
    private let callers: FacadeGuard?
    private let bodyBytesMax: Int
    private let openAPI: HTTPAnswer
    private let places: [ObjectIdentifier: OperationPlace]
    /// Requests that lead to no operation.
    let elsewhere: RouteMetrics

    var name: String { facade.name }

    init(_ facade: CompiledFacade, loop: GatewayLoop, services: LoopServices, settings: FacadeSettings) {
        self.facade = facade
        self.loop = loop
        let configuration = settings.configuration
        retryAfter = .nanoseconds(configuration.retryAfter.nanoseconds)
        heartbeatInterval = configuration.heartbeatInterval
        eventHeadDelay = configuration.eventHeadDelay
        crossOrigin = CrossOriginRule(settings.options, guarding: facade.operations)
        elsewhere = RouteMetrics(facade: facade.name, route: "")
        hosts = settings.hosts
        origins = OriginRule(allowedOrigins: settings.options.allowedOrigins)
        callers = settings.callers
        bodyBytesMax = configuration.limits.bodyBytesMax
        openAPI = HTTPAnswer(status: 200, headers: HTTPAnswer.jsonHeaders, body: ByteBuffer(bytes: facade.openAPI))
        places = Dictionary(
            uniqueKeysWithValues: facade.operations.map { operation in
                let metrics = RouteMetrics(facade: facade.name, route: operation.id)
                let service = services.service(of: operation.method)
                let traits = services.traits(of: operation.method)
                let place = OperationPlace(operation, metrics: metrics, service: service, traits: traits)
                return (ObjectIdentifier(operation), place)
            })
    }

    func admit(_ head: HTTPRequestHead, _ framing: MessageFraming, from peer: HTTPPeer) -> HTTPAdmission {
        let identity = RequestIdentity(head.headers, makingWith: &loop.identities)
        peer.record?.traceparent = identity.traceparent
        guard let target = RequestTarget(head.uri) else {
            return reply(.malformed("the request target is neither a path nor an http address"), identity)
        }
        let host = target.host.map(String.init) ?? head.headers.firstField("host") ?? ""
        guard let base = base(for: host, of: peer) else { return reply(.foreignHost(host), identity) }
        if let origin = origins.foreignOrigin(of: head, host: host, hostRule: hosts) {
            return reply(.foreignOrigin(origin), identity)
        }
        switch facade.router.match(method: head.method.rawValue, path: target.path) {
        case .operation(let operation, let pathValues):
            var request = FacadeRequest(
                head, target, pathValues: pathValues, identity: identity, base: base, ip: peer.ip,
                started: loop.eventLoop.now)
            peer.record?.route = operation.id
            if let callers {
                let refusal = callers.identify(&request, operation, head.headers)
                peer.record?.principal = request.principal?.subject
                if let refusal { return refuse(refusal, operation, request) }
            }
            return admit(operation, request, head.headers, framing)
        case .options(let allow): return options(allow, head, identity)
        case .methodNotAllowed(let allow): return reply(.methodNotAllowed(head.method.rawValue, allow: allow), identity)
        case .notFound: return ownPath(head, target.path, identity)
        }
    }

    private func admit(
        _ operation: CompiledOperation, _ request: FacadeRequest, _ headers: HTTPHeaders, _ framing: MessageFraming
    ) -> HTTPAdmission {
        guard let place = places[ObjectIdentifier(operation)] else { return reply(.unknownRoute(""), request.identity) }
        let exchange = place.exchange(request, self)
        let wantsBody = operation.body != .none
        if wantsBody && framing != .none, let found = foreignMediaType(of: headers) {
            return .reply(exchange.answer(to: .mediaType(found)))
        }
        return .run(exchange, bodyLimit: wantsBody ? bodyBytesMax : 0, isJSON: wantsBody)
    }

    /// Who may not call is told so before the body comes.
    private func refuse(
        _ refusal: HTTPRefusal, _ operation: CompiledOperation, _ request: FacadeRequest
    ) -> HTTPAdmission {
        guard let place = places[ObjectIdentifier(operation)] else { return reply(refusal, request.identity) }
        return .reply(place.exchange(request, self).answer(to: refusal))
    }

    /// Paths that are the gateway's own on every façade, unless its document has them.
    private func ownPath(_ head: HTTPRequestHead, _ path: Substring, _ identity: RequestIdentity) -> HTTPAdmission {
        if path == "*" && head.method == .OPTIONS {
            return options(["GET", "HEAD", "POST", "OPTIONS"], head, identity)
        }
        guard path == "/openapi.json" else { return reply(.unknownRoute(String(path)), identity) }
        switch head.method {
        case .GET, .HEAD: return .run(DocumentExchange(openAPI, head, identity, self), bodyLimit: 0, isJSON: false)
        case .OPTIONS: return options(["GET", "HEAD", "OPTIONS"], head, identity)
        default: return reply(.methodNotAllowed(head.method.rawValue, allow: ["GET", "HEAD", "OPTIONS"]), identity)
        }
    }

    private func options(_ allow: [String], _ head: HTTPRequestHead, _ identity: RequestIdentity) -> HTTPAdmission {
        let headers =
            [("allow", allow.joined(separator: ", "))] + (crossOrigin?.preflightFields(for: head, allow: allow) ?? [])
        elsewhere.answered(status: 204)
        return .reply(
            HTTPReply(
                answer: HTTPAnswer(status: 204, headers: headers, body: ByteBuffer()), requestID: identity.requestID))
    }

    /// The base of links, if this host is served; a client says the same host every time.
    private func base(for host: String, of peer: HTTPPeer) -> String? {
        if let known = peer.base, known.host == host { return known.text }
        guard hosts.allows(host) else { return nil }
        let base = hosts.base(for: host)
        peer.base = (host, base)
        return base
    }

    private func reply(_ refusal: HTTPRefusal, _ identity: RequestIdentity) -> HTTPAdmission {
        let environment = TemplateEnvironment(requestID: identity.requestID, now: LoopClock.milliseconds())
        return .reply(reply(to: refusal, environment))
    }
}
