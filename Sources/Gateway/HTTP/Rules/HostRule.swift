import NIOHTTP1

/// Whether a `Host` is one under which this port wants to be reached, and the base of links made from it.
///
/// A page of a foreign site can point its own name at 127.0.0.1 (DNS rebinding) and then talk to a loopback port with
/// its own name in `Host`. On a loopback bind only loopback names and the host of `publicURL` are answered.
struct HostRule: Sendable {
    private let isLoopbackOnly: Bool
    private let publicBase: String?
    private let publicAuthority: String?
    private let scheme: String

    init(isLoopbackBind: Bool, publicURL: String?, hasTLS: Bool = false) {
        isLoopbackOnly = isLoopbackBind
        scheme = hasTLS ? "https" : "http"
        publicBase = publicURL.map { String($0.trimmingSuffix("/")) }
        publicAuthority = publicBase.flatMap(Self.authority)
    }

    /// Whether a request for this host is served.
    func allows(_ host: String) -> Bool {
        guard let name = Self.name(of: host) else { return false }
        if !isLoopbackOnly { return true }
        if let publicAuthority, host.lowercased() == publicAuthority { return true }
        return Self.isLoopback(name)
    }

    /// Scheme, host and port for links in answers; the host has been allowed.
    func base(for host: String) -> String {
        publicBase ?? "\(scheme)://\(host)"
    }

    /// Whether an `Origin` is this very port, seen through a host that has been allowed.
    func isOwn(origin: String, host: String) -> Bool {
        let origin = origin.lowercased()
        if let publicAuthority, let publicBase, Self.authority(of: origin) == publicAuthority {
            return origin.prefix { $0 != ":" } == publicBase.lowercased().prefix { $0 != ":" }
        }
        return origin == "\(scheme)://\(host.lowercased())"
    }

    /// The name without its port; nil when it is not a host at all. What passes is safe inside a link.
    private static func name(of host: String) -> Substring? {
        guard host.utf8.count <= hostOctetsMax else { return nil }
        var name = host[...]
        if host.utf8.first == UInt8(ascii: "[") {
            guard let end = host.firstIndex(of: "]") else { return nil }
            name = host[...end]
            guard name.utf8.dropFirst().dropLast().allSatisfy(isAddressOctet) else { return nil }
        } else {
            name = host.prefix { $0 != ":" }
            guard !name.isEmpty, name.utf8.allSatisfy(isNameOctet) else { return nil }
        }
        let port = host[name.endIndex...]
        return port.isEmpty || isPort(port) ? name : nil
    }

    /// A name of 253 octets (RFC 1035, 2.3.4), a colon and a port; a bound, because it travels with every call.
    private static let hostOctetsMax = 259

    private static func isLoopback(_ name: Substring) -> Bool {
        if name == "[::1]" || name.lowercased() == "localhost" { return true }
        let octets = name.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4 && octets[0] == "127" && octets.allSatisfy { UInt8($0) != nil }
    }

    private static func authority(of url: String) -> String? {
        guard let scheme = url.firstRange(of: "://") else { return nil }
        return url[scheme.upperBound...].prefix { $0 != "/" }.lowercased()
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.utf8.first == UInt8(ascii: ":") && text.utf8.count <= 6
            && text.utf8.dropFirst().allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    }

    private static func isNameOctet(_ octet: UInt8) -> Bool {
        isAlphanumeric(octet) || octet == UInt8(ascii: ".") || octet == UInt8(ascii: "-") || octet == UInt8(ascii: "_")
    }

    private static func isAddressOctet(_ octet: UInt8) -> Bool {
        isAlphanumeric(octet) || octet == UInt8(ascii: ":") || octet == UInt8(ascii: ".")
    }
}

/// ASCII letters and digits.
func isAlphanumeric(_ octet: UInt8) -> Bool {
    (octet | 0x20) &- UInt8(ascii: "a") < 26 || octet &- UInt8(ascii: "0") < 10
}

extension String {
    /// The text without one suffix, if it has it.
    fileprivate func trimmingSuffix(_ suffix: String) -> Substring {
        hasSuffix(suffix) ? dropLast(suffix.count) : self[...]
    }
}
