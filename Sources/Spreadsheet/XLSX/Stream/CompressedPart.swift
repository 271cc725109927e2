/// A part of a package that is compressed as it comes, of any length.
struct CompressedPart {
    private let package: PackageWriter
    private let deflater: any Deflater
    /// Of what has been compressed.
    private(set) var checksum = Checksum()

    /// - Parameter stored: stands before everything else, uncompressed, and is not in the checksum; at most 65,535 octets.
    init(
        _ name: String, in package: PackageWriter, _ compression: XLSXCompression, stored: [UInt8] = []
    ) throws(SpreadsheetError) {
        self.package = package
        deflater = try compression.makeDeflater()
        try package.beginCompressed(name)
        if !stored.isEmpty {
            try StoredBlock.octets(of: stored).withOctets { octets throws(SpreadsheetError) in
                try package.write(octets)
            }
        }
    }

    mutating func write(_ octets: UnsafeRawBufferPointer, isLast: Bool = false) throws(SpreadsheetError) {
        checksum.add(octets)
        try deflater.write(octets, isLast: isLast) { ready throws(SpreadsheetError) in try package.write(ready) }
    }

    mutating func write(_ octets: [UInt8], isLast: Bool = false) throws(SpreadsheetError) {
        let octets = octets.span
        try octets.withUnsafeBytes { bytes throws(SpreadsheetError) in try write(bytes, isLast: isLast) }
    }

    /// Ends the part after its last piece.
    ///
    /// - Parameter stored: as it will stand there in the end.
    func finish(stored: [UInt8] = []) throws(SpreadsheetError) {
        var whole = Checksum()
        whole.add(stored)
        try package.endCompressed(whole.followed(by: checksum))
    }
}

/// A block of deflate that is not compressed (RFC 1951, 3.2.4), so that its content can be written once more in its place.
enum StoredBlock {
    /// Not the last block, stored; then its length and the complement of that.
    static let headerBytes = 5

    static func octets(of content: [UInt8]) -> [UInt8] {
        let length = UInt16(content.count)
        return [0, UInt8(truncatingIfNeeded: length), UInt8(length >> 8)]
            + [UInt8(truncatingIfNeeded: ~length), UInt8(~length >> 8)] + content
    }
}
