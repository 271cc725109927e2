/// One entry of the allow-list: `host:port`, or a block of addresses at any port.
package enum AllowedSource: Sendable, Hashable {
    /// A name or an address as the URL writes it, and its port. A name is trusted with every address it resolves to.
    case hostPort(host: String, port: Int)
    case block(AddressBlock)

    /// Reads `localhost:8080`, `127.0.0.1:8080`, `[::1]:8080`, `10.1.0.0/16`, `fd00::/8` or a lone address.
    package init(parsing text: String) throws(AddressPolicyError) {
        if let block = AddressBlock(text) {
            self = .block(block)
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65_535).contains(port)
        else { throw AddressPolicyError(entry: text) }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard IPAddress(host) != nil else { throw AddressPolicyError(entry: text) }
        } else if host.contains(":") {
            throw AddressPolicyError(entry: text)
        }
        guard !host.isEmpty, host.utf8.allSatisfy(Self.isHostCharacter) else { throw AddressPolicyError(entry: text) }
        self = .hostPort(host: host.lowercased(), port: port)
    }

    private static func isHostCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x80...0xff: true
        default: "-._:".utf8.contains(byte)
        }
    }

    /// - Parameters:
    ///   - address: not in v4-mapped form.
    ///   - host: lower-case, as the URL names it.
    func allows(_ address: IPAddress, port: Int, host: String) -> Bool {
        switch self {
        case .block(let block): block.contains(address)
        case .hostPort(let allowed, let allowedPort):
            port == allowedPort && (host == allowed || IPAddress(allowed)?.unmapped == address)
        }
    }
}

/// An allow-list entry that is neither of the two forms.
package struct AddressPolicyError: Error, Equatable, CustomStringConvertible {
    package let entry: String

    package var description: String {
        "expected host:port or a CIDR block such as 127.0.0.1:8080, [::1]:8080, 10.0.0.0/8 or fd00::/8, "
            + "found \(entry.prefix(100).debugDescription)"
    }
}
