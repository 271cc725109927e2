/// Makes request ids and trace contexts without a system call for each.
///
/// Ids are names, not secrets: one loop seeds itself once from the system and then counts through SplitMix64.
struct IdentityGenerator {
    private var state: UInt64

    init() {
        state = .random(in: .min ... .max)
    }

    /// A version 4 UUID in its usual text form.
    mutating func uuid() -> String {
        let high = next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        return String(unsafeUninitializedCapacity: 36) { text in
            var writer = HexWriter(text: text)
            writer.write(high, digits: 16, downTo: 8)
            writer.write("-")
            writer.write(high, digits: 8, downTo: 4)
            writer.write("-")
            writer.write(high, digits: 4)
            writer.write("-")
            writer.write(low, digits: 16, downTo: 12)
            writer.write("-")
            writer.write(low, digits: 12)
            return writer.count
        }
    }

    /// A W3C trace context with new ids, not sampled.
    mutating func traceparent() -> String {
        let (high, low, span) = (next(), next() | 1, next() | 1)
        return String(unsafeUninitializedCapacity: 55) { text in
            var writer = HexWriter(text: text)
            writer.write("00-")
            writer.write(high, digits: 16)
            writer.write(low, digits: 16)
            writer.write("-")
            writer.write(span, digits: 16)
            writer.write("-00")
            return writer.count
        }
    }

    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Writes text into the octets of a new string.
private struct HexWriter {
    let text: UnsafeMutableBufferPointer<UInt8>
    private(set) var count = 0

    init(text: UnsafeMutableBufferPointer<UInt8>) {
        self.text = text
    }

    mutating func write(_ fixed: StaticString) {
        for index in 0..<fixed.utf8CodeUnitCount { put(fixed.utf8Start[index]) }
    }

    /// Writes the hex digits of a value from the one at place `first`, counted from 16, down to the one above `last`.
    mutating func write(_ value: UInt64, digits first: Int, downTo last: Int = 0) {
        for place in stride(from: first - 1, through: last, by: -1) {
            let digit = UInt8(truncatingIfNeeded: value >> UInt64(place * 4)) & 0xF
            put(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
        }
    }

    private mutating func put(_ octet: UInt8) {
        text[count] = octet
        count += 1
    }
}
