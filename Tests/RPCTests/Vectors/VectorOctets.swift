import JSONBytes

/// The octets that a case's `send` stands for.
enum VectorOctets {
    static func of(pieces: [JSONValue]) throws -> [UInt8] {
        try VectorRepeat.expanded(pieces).flatMap(of(piece:))
    }

    private static func of(piece: JSONValue) throws -> [UInt8] {
        if let hex = piece["hex"]?.string { return try octets(hex: hex) }
        if let text = VectorRepeat.text(piece["text"]) { return Array(text.utf8) }
        if let text = VectorRepeat.text(piece["frame"]) { return framed(Array(text.utf8)) }
        if let frame = piece["x"] { return extended(frame) }
        if let octet = piece["fill"]?.string, let times = piece["times"]?.integer {
            return [UInt8](repeating: try octets(hex: octet)[0], count: times)
        }
        throw VectorMismatch("cannot send \(piece)")
    }

    /// A text with its length in front.
    static func framed(_ text: [UInt8]) -> [UInt8] {
        bigEndian(text.count, octets: 4) + text
    }

    static func octets(hex: String) throws -> [UInt8] {
        let digits = Array(hex.utf8)
        return try stride(from: 0, to: digits.count, by: 2).map { start in
            let pair = String(decoding: digits[start..<min(start + 2, digits.count)], as: UTF8.self)
            guard pair.utf8.count == 2, let octet = UInt8(pair, radix: 16) else {
                throw VectorMismatch("no hex: \(hex)")
            }
            return octet
        }
    }

    private static func extended(_ frame: JSONValue) -> [UInt8] {
        extended(
            flags: frame["flags"]?.integer ?? 0, header: frame["header"]?.string ?? "",
            payload: Array((VectorRepeat.text(frame["payload"]) ?? "").utf8))
    }

    /// An x-frame of type 1.
    static func extended(flags: Int, header: String, payload: [UInt8]) -> [UInt8] {
        let body = [1, UInt8(flags)] + bigEndian(header.utf8.count, octets: 2) + Array(header.utf8) + payload
        return bigEndian(0x8000_0000 | body.count, octets: 4) + body
    }

    private static func bigEndian(_ number: Int, octets: Int) -> [UInt8] {
        (0..<octets).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
}
