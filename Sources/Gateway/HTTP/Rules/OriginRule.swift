import NIOHTTP1

/// Whether a page may send this request: an unsafe method with an `Origin` that is not ours is refused.
///
/// Loopback ports are reachable from any page in a browser; a plain form post needs no consent of the server, but it
/// carries `Origin`. `null` (a sandboxed page, a file) is foreign too.
struct OriginRule: Sendable {
    private let allowed: Set<String>

    init(allowedOrigins: [String]) {
        allowed = Set(allowedOrigins.map { $0.lowercased() })
    }

    /// The foreign origin that forbids the request, or nil.
    func foreignOrigin(of head: HTTPRequestHead, host: String, hostRule: HostRule) -> String? {
        switch head.method {
        case .GET, .HEAD, .OPTIONS: return nil
        default: break
        }
        guard let origin = head.headers.firstField("origin") else { return nil }
        if hostRule.isOwn(origin: origin, host: host) || allowed.contains(origin.lowercased()) { return nil }
        return origin
    }
}
