import Spreadsheet
import TestSupport
import Testing

/// Octets that are kept packed.
@Suite struct PackedOctetsTests {
    @Test(arguments: [0, 1, 1_000, 300_000, 5_000_000])
    func whatIsPackedComesBack(count: Int) throws {
        var random = SeededGenerator(seed: 7)
        for isRandom in [true, false] {
            let plain = (0..<count).map { isRandom ? UInt8.random(in: .min ... .max, using: &random) : UInt8($0 % 7) }
            let packed = try PackedOctets(plain)
            #expect(packed.unpacked() == plain)
            if !isRandom, count > 1_000 { #expect(packed.octets.count < count / 10) }
            if count > 1_000 {
                var other = packed.octets
                other[500] ^= 1
                #expect(PackedOctets(other, count: count, checksum: packed.checksum) == nil)
                #expect(PackedOctets(packed.octets, count: count + 1, checksum: packed.checksum)?.unpacked() == nil)
            }
        }
    }
}
