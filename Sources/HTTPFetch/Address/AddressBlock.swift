/// A range of addresses in CIDR notation, such as `10.0.0.0/8` or `fc00::/7`.
package struct AddressBlock: Sendable, Hashable {
    let network: IPAddress
    let prefixLength: Int

    /// Reads CIDR text; a lone address is a block of one. Bits beyond the prefix must be zero, as a block that is
    /// written wrongly may be meant wrongly.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]) else { return nil }
        let bits = address.bitWidth
        guard let length = parts.count == 1 ? bits : Int(parts[1]), (0...bits).contains(length) else { return nil }
        guard address.hostBits(prefixLength: length) == 0 else { return nil }
        network = address
        prefixLength = length
    }

    package func contains(_ address: IPAddress) -> Bool {
        switch (network, address) {
        case (.v4(let network), .v4(let address)): (network ^ address) >> (32 - prefixLength) == 0
        case (.v6(let network), .v6(let address)): (network ^ address) >> (128 - prefixLength) == 0
        default: false
        }
    }
}

extension IPAddress {
    fileprivate var bitWidth: Int {
        switch self {
        case .v4: 32
        case .v6: 128
        }
    }

    fileprivate func hostBits(prefixLength: Int) -> UInt128 {
        switch self {
        case .v4(let value): UInt128(value & ~(UInt32.max << (32 - prefixLength)))
        case .v6(let value): value & ~(UInt128.max << (128 - prefixLength))
        }
    }
}
