import Glibc
import NIOCore
import Synchronization

/// The rates of one façade's callers, shared by all loops.
final class RateLimiter: Sendable {
    private let rates: Mutex<CallerRates>

    init(_ limit: RateLimit, callersMax: Int) {
        rates = Mutex(CallerRates(limit: limit, callersMax: callersMax))
    }

    /// Takes one call: nil when it may go on, else how long until it may.
    func take(_ caller: RateKey, now: NIODeadline) -> TimeAmount? {
        rates.withLock { $0.take(caller.text, now: now) }
    }
}

/// Whose calls are counted together.
enum RateKey {
    /// Somebody who showed who they are.
    case principal(String)
    /// Nobody we know: the address, of IPv6 its first 64 bits, of which one subscriber has all that follow.
    case address(String)

    var text: String {
        switch self {
        case .principal(let subject): "p " + subject
        case .address(let ip): "a " + Self.network(of: ip)
        }
    }

    private static func network(of ip: String) -> String {
        var address = in6_addr()
        guard inet_pton(AF_INET6, ip, &address) == 1 else { return ip }
        return withUnsafeBytes(of: &address) { octets in
            let isMapped = octets.prefix(10).allSatisfy { $0 == 0 } && octets[10] == 0xFF && octets[11] == 0xFF
            let kept = isMapped ? octets[...] : octets.prefix(8)
            return kept.map { String($0, radix: 16) }.joined(separator: ".")
        }
    }
}
