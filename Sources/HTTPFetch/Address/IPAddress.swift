import Glibc

/// An IPv4 or IPv6 address as a number.
package enum IPAddress: Sendable, Hashable {
    case v4(UInt32)
    case v6(UInt128)

    /// Reads dotted decimal or IPv6 text (RFC 4291); a zone (`%eth0`) is ignored.
    package init?(_ text: some StringProtocol) {
        let address = String(text.prefix { $0 != "%" })
        guard !address.utf8.contains(0) else { return nil }
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, address, &four) == 1 {
            self = .v4(UInt32(bigEndian: four.s_addr))
        } else if inet_pton(AF_INET6, address, &six) == 1 {
            self = .v6(withUnsafeBytes(of: six) { UInt128(bigEndian: $0.loadUnaligned(as: UInt128.self)) })
        } else {
            return nil
        }
    }

    /// The address and port of a socket address; nil for families that have none.
    ///
    /// - Parameter address: at least as long as its family needs.
    static func resolved(_ address: UnsafeRawPointer) -> (address: IPAddress, port: Int)? {
        switch Int32(address.loadUnaligned(as: sockaddr.self).sa_family) {
        case AF_INET:
            let four = address.loadUnaligned(as: sockaddr_in.self)
            return (.v4(UInt32(bigEndian: four.sin_addr.s_addr)), Int(UInt16(bigEndian: four.sin_port)))
        case AF_INET6:
            let six = address.loadUnaligned(as: sockaddr_in6.self)
            let value = withUnsafeBytes(of: six.sin6_addr) { $0.loadUnaligned(as: UInt128.self) }
            return (.v6(UInt128(bigEndian: value)), Int(UInt16(bigEndian: six.sin6_port)))
        default:
            return nil
        }
    }

    /// `::ffff:a.b.c.d` as the IPv4 address the kernel really connects to; everything else unchanged.
    var unmapped: IPAddress {
        guard case .v6(let value) = self, value >> 32 == 0xffff else { return self }
        return .v4(UInt32(truncatingIfNeeded: value))
    }

    var isMapped: Bool {
        unmapped != self
    }
}

extension IPAddress: CustomStringConvertible {
    package var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        switch self {
        case .v4(let value):
            var bytes = value.bigEndian
            inet_ntop(AF_INET, &bytes, &text, socklen_t(text.count))
        case .v6(let value):
            var bytes = value.bigEndian
            inet_ntop(AF_INET6, &bytes, &text, socklen_t(text.count))
        }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
