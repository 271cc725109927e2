import CISAL

/// Octets that are kept for a while: compressed fast rather than small, and checked when they are read again.
package struct PackedOctets: Sendable {
    /// Raw deflate.
    package let octets: [UInt8]
    /// Before they were packed.
    package let count: Int
    /// CRC-32 of the packed octets.
    package let checksum: UInt32

    /// Packs octets.
    package init(_ plain: [UInt8]) throws(SpreadsheetError) {
        let deflater = try ISALDeflater()
        var packed: [UInt8] = []
        packed.reserveCapacity(plain.count / 4 + 64)
        try plain.withOctets { octets throws(SpreadsheetError) in
            try deflater.write(octets, isLast: true) { packed.append(contentsOf: $0) }
        }
        octets = packed
        count = plain.count
        checksum = Self.checksum(of: packed)
    }

    /// Packed octets as they were kept; nil if they are not what they were.
    package init?(_ octets: [UInt8], count: Int, checksum: UInt32) {
        guard Self.checksum(of: octets) == checksum else { return nil }
        self.octets = octets
        self.count = count
        self.checksum = checksum
    }

    /// The octets that were packed; nil if these never were any.
    package func unpacked() -> [UInt8]? {
        var isWhole = false
        let plain = [UInt8](unsafeUninitializedCapacity: max(count, 1)) { buffer, filled in
            let code = octets.withUnsafeBytes { packed in
                pailou_isal_inflate(packed.baseAddress, UInt32(packed.count), buffer.baseAddress, UInt32(count))
            }
            isWhole = code == 0
            filled = isWhole ? count : 0
        }
        return isWhole ? plain : nil
    }

    /// CRC-32, as of gzip.
    package static func checksum(of octets: [UInt8]) -> UInt32 {
        octets.withUnsafeBytes { pailou_isal_crc32(0, $0.baseAddress, UInt64($0.count)) }
    }
}
