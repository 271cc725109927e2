/// Decides which resolved addresses URLs of strangers may lead to.
///
/// Whoever may name a URL may otherwise have us ask for things only this machine can reach: metadata services, admin
/// pages, neighbours behind the firewall. Text is never judged, only the address a connection is made to: names resolve
/// to anything, and addresses have many spellings.
package struct AddressPolicy: Sendable {
    package enum Decision: Sendable, Equatable {
        case allowed
        case denied
    }

    /// These win over the denied blocks.
    package var allowed: [AllowedSource]
    /// The setting that holds the allow-list, named in the error.
    package let setting: String

    package init(allowing allowed: [AllowedSource] = [], setting: String) {
        self.allowed = allowed
        self.setting = setting
    }

    /// Reads the entries of a setting; empty entries are passed over.
    package init(
        parsing allowList: [String], setting: String = "export.allowedSources"
    ) throws(AddressPolicyError) {
        self.init(setting: setting)
        for entry in allowList.map(Self.trimmed) where !entry.isEmpty {
            allowed.append(try AllowedSource(parsing: entry))
        }
    }

    private static func trimmed(_ entry: String) -> String {
        String(entry.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }

    /// Decides one connection.
    ///
    /// - Parameter host: the host of the URL, which an allowed `host:port` may name.
    package func decide(ip: IPAddress, port: Int, host: String) -> Decision {
        let address = ip.unmapped
        if allowed.contains(where: { $0.allows(address, port: port, host: host.lowercased()) }) { return .allowed }
        // Nobody honest writes an IPv4 address in IPv6 form, so these are refused whatever they hold.
        if ip.isMapped { return .denied }
        return Self.denied.contains { $0.contains(address) } ? .denied : .allowed
    }

    /// Everything that is not the public network (IANA special-purpose registries, RFC 6890).
    static let denied: [AddressBlock] = [
        "0.0.0.0/8",  // this network
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",  // private
        "100.64.0.0/10",  // carrier-grade NAT
        "127.0.0.0/8",  // loopback
        "169.254.0.0/16",  // link-local: cloud metadata lives here
        "192.0.0.0/24",  // protocol assignments
        "198.18.0.0/15",  // benchmarking
        "224.0.0.0/4",  // multicast
        "240.0.0.0/4",  // reserved, broadcast
        "::/96",  // unspecified, loopback, and IPv4 addresses in the form given up in 2006
        "fc00::/7",  // private
        "fe80::/10", "fec0::/10",  // link-local and its forerunner site-local
        "ff00::/8",  // multicast
        "64:ff9b::/96", "64:ff9b:1::/48",  // NAT64: an IPv4 address inside
        "2002::/16",  // 6to4: an IPv4 address inside
    ].map { AddressBlock($0)! }
}
