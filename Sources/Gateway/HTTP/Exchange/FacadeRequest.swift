import NIOCore
import NIOHTTP1
import RPC

/// What the gateway knows of one request once its route is found; decisions and the call's `meta` come from here.
struct FacadeRequest {
    let method: HTTPMethod
    let path: Substring
    let query: Substring
    let pathValues: [Substring]
    let identity: RequestIdentity
    /// Scheme, host and port for links in answers.
    let base: String
    let ip: String
    let started: NIODeadline
    /// Who calls, if they showed it.
    var principal: RPCPrincipal?
    /// The deadline the client asks for with `x-timeout-ms`.
    let timeoutAsked: Duration?
    let range: String?
    let ifRange: String?
    let ifNoneMatch: String?
    let lastEventID: Int?
    /// For operations whose method takes one; the service judges it.
    let idempotencyKey: String?
    /// Read only where an answer is worth compressing.
    let acceptEncoding: String?

    var isHead: Bool { method == .HEAD }

    init(
        _ head: HTTPRequestHead, _ target: RequestTarget, pathValues: [Substring], identity: RequestIdentity,
        base: String, ip: String, started: NIODeadline
    ) {
        method = head.method
        path = target.path
        query = target.query
        self.pathValues = pathValues
        self.identity = identity
        self.base = base
        self.ip = ip
        self.started = started
        var fields = RequestFields()
        for (name, value) in head.headers { fields.take(name, value) }
        timeoutAsked = fields.timeout
        range = fields.range
        ifRange = fields.ifRange
        ifNoneMatch = fields.ifNoneMatch
        lastEventID = fields.lastEventID
        idempotencyKey = fields.idempotencyKey
        acceptEncoding = fields.acceptEncoding
    }

    /// The call's metadata.
    func meta(facade: String, timeout: Duration?, takesStream: Bool) -> RPCMeta {
        var meta = RPCMeta()
        meta.timeout = timeout
        if let timeoutAsked { meta.timeout = timeout.map { min($0, timeoutAsked) } ?? timeoutAsked }
        meta.requestID = identity.requestID
        meta.traceparent = identity.traceparent
        meta.principal = principal?.json
        if takesStream { meta.stream = RPCStreamOptions(after: lastEventID) }
        meta.http = RPCHTTPInfo(
            facade: facade, method: method.rawValue, path: path.beginning, base: base,
            ip: ip, range: range, ifRange: ifRange, ifNoneMatch: ifNoneMatch, head: isHead)
        return meta
    }

    /// What templates may name.
    var environment: TemplateEnvironment {
        TemplateEnvironment(
            requestID: identity.requestID, now: LoopClock.milliseconds(), pathValues: pathValues, query: query)
    }
}

/// The fields of a head that travel with a call, found in one pass.
private struct RequestFields {
    var timeout: Duration?
    var range: String?
    var ifRange: String?
    var ifNoneMatch: String?
    var lastEventID: Int?
    var idempotencyKey: String?
    var acceptEncoding: String?

    mutating func take(_ name: String, _ value: String) {
        switch name.utf8.count {
        case 5 where name.isField("range"): range = bounded(value)
        case 8 where name.isField("if-range"): ifRange = bounded(value)
        case 12 where name.isField("x-timeout-ms"):
            if let milliseconds = Int(value), milliseconds > 0 {
                timeout = .milliseconds(min(milliseconds, dayMilliseconds))
            }
        case 13 where name.isField("if-none-match"): ifNoneMatch = bounded(value)
        case 15 where name.isField("idempotency-key"): idempotencyKey = beginning(value)
        case 13 where name.isField("last-event-id"): lastEventID = Int(value).flatMap { $0 >= 0 ? $0 : nil }
        case 15 where name.isField("accept-encoding"): acceptEncoding = value
        default: break
        }
    }

    /// A key that is too long must be refused and not be forgotten, so its beginning goes along, which is too long too.
    private func beginning(_ value: String) -> String {
        value[...].beginning
    }

    private func bounded(_ value: String) -> String? { value[...].fits ? value : nil }
}

extension Substring {
    /// Whether a call's metadata takes it.
    fileprivate var fits: Bool {
        utf8.count <= fieldOctetsMax / Self.escapedBytesMax
            || utf8.count <= fieldOctetsMax && utf8.reduce(0) { $0 + Self.writtenBytes($1) } <= fieldOctetsMax
    }

    /// As much as a call's metadata takes.
    fileprivate var beginning: String {
        if fits { return String(self) }
        var written = 0
        let beginning = utf8.prefix {
            written += Self.writtenBytes($0)
            return written <= fieldOctetsMax
        }
        return String(decoding: beginning, as: UTF8.self)
    }

    /// How long an octet becomes in JSON: quotes and backslashes get one in front, controls six letters.
    private static func writtenBytes(_ octet: UInt8) -> Int {
        if octet < 0x20 { return escapedBytesMax }
        return octet == UInt8(ascii: "\"") || octet == UInt8(ascii: "\\") ? 2 : 1
    }

    private static let escapedBytesMax = 6
}

private let dayMilliseconds = 86_400_000

/// A call's metadata has room for 8 KiB in all; what is longer, written as JSON, than any sensible client sends is not
/// passed on.
private let fieldOctetsMax = 1_024
