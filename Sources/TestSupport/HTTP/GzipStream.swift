/// Gzip streams made by hand (RFC 1951, RFC 1952), so that tests need no compression library.
enum GzipStream {
    /// The ten bytes every stream begins with: deflate, no name, no time.
    static let head: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]

    /// A valid stream that holds `bytes` uncompressed, in blocks of at most 65,535.
    static func stored(_ bytes: [UInt8]) -> [UInt8] {
        var stream = head
        var rest = bytes[...]
        repeat {
            let block = rest.prefix(65_535)
            rest = rest.dropFirst(block.count)
            let length = UInt16(block.count)
            stream.append(rest.isEmpty ? 1 : 0)
            for part in [length, ~length] { stream += [UInt8(part & 0xff), UInt8(part >> 8)] }
            stream += block
        } while !rest.isEmpty
        return stream + littleEndian(crc32(bytes)) + littleEndian(UInt32(truncatingIfNeeded: bytes.count))
    }

    /// What stands before ``bombPattern``: the head, a fixed-Huffman block begun, one zero byte.
    static let bombStart: [UInt8] = {
        var bits = BitWriter(bytes: head)
        bits.append(0b1, count: 1)  // last block
        bits.append(0b01, count: 2)  // fixed codes
        bits.appendCode(0b0011_0000, count: 8)  // literal 0
        while bits.pending != 0 { appendLongestMatch(to: &bits) }  // up to a byte boundary
        return bits.bytes
    }()

    /// Eight longest matches, which end on a byte boundary: 13 bytes that decode to ``bombPatternDecodedBytes``.
    static let bombPattern: [UInt8] = {
        var bits = BitWriter(bytes: [])
        for _ in 0..<8 { appendLongestMatch(to: &bits) }
        return bits.bytes
    }()

    static let bombPatternDecodedBytes = 8 * 258

    /// Length 258 (code 285) at distance 1 (code 0): 13 bits for 258 bytes.
    private static func appendLongestMatch(to bits: inout BitWriter) {
        bits.appendCode(0b1100_0101, count: 8)
        bits.appendCode(0, count: 5)
    }

    private static func littleEndian(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
    }

    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var remainder: UInt32 = 0xffff_ffff
        for byte in bytes {
            remainder ^= UInt32(byte)
            for _ in 0..<8 { remainder = (remainder >> 1) ^ (remainder & 1 == 1 ? 0xedb8_8320 : 0) }
        }
        return ~remainder
    }
}

/// Bits packed from the lowest of each byte up, as deflate wants them.
private struct BitWriter {
    var bytes: [UInt8]
    /// Bits used of the last byte; 0 when it is full.
    var pending = 0

    mutating func append(_ value: Int, count: Int) {
        for bit in 0..<count {
            if pending == 0 { bytes.append(0) }
            bytes[bytes.count - 1] |= UInt8((value >> bit) & 1) << UInt8(pending)
            pending = (pending + 1) % 8
        }
    }

    /// Huffman codes go in from their highest bit.
    mutating func appendCode(_ code: Int, count: Int) {
        for bit in (0..<count).reversed() { append((code >> bit) & 1, count: 1) }
    }
}
