/// Finds octets among many, sixteen places at a time.
///
/// Where both the first and the last octet fit, the others are compared (Muła, "SIMD-friendly algorithms for substring
/// searching").
enum OctetFinder {
    /// The first place at or behind `start`.
    static func find(_ octets: [UInt8], in text: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard let first = octets.first, let last = octets.last else { return start }
        let (firsts, lasts) = (SIMD16(repeating: first), SIMD16(repeating: last))
        let distance = octets.count - 1
        var position = start
        while position + distance + 16 <= text.count {
            let begins = text.loadUnaligned(fromByteOffset: position, as: SIMD16<UInt8>.self) .== firsts
            let ends = text.loadUnaligned(fromByteOffset: position + distance, as: SIMD16<UInt8>.self) .== lasts
            let both = begins .& ends
            if any(both) {
                for lane in 0..<16 where both[lane] && isThere(octets, text, position + lane) { return position + lane }
            }
            position += 16
        }
        while position + distance < text.count {
            if isThere(octets, text, position) { return position }
            position += 1
        }
        return nil
    }

    private static func isThere(_ octets: [UInt8], _ text: UnsafeRawBufferPointer, _ position: Int) -> Bool {
        for index in octets.indices where text[position + index] != octets[index] { return false }
        return true
    }
}
