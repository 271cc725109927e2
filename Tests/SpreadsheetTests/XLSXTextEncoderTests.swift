import Testing

@testable import Spreadsheet

struct XLSXTextEncoderTests {
    private func encode(
        _ bytes: [UInt8], as form: XLSXTextEncoder.Form = .plain
    ) -> (text: String, isRepaired: Bool) {
        let output = UnsafeMutablePointer<UInt8>.allocate(capacity: XLSXTextEncoder.bytesMax(for: bytes.count) + 1)
        defer { output.deallocate() }
        let encoded = bytes.withUnsafeBytes { XLSXTextEncoder.encode($0, as: form, into: output) }
        let text = UnsafeBufferPointer(start: output, count: encoded.count)
        return (String(decoding: text, as: UTF8.self), encoded.isRepaired)
    }

    private func entities(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    /// The rule itself, one character after the other.
    private func reference(_ bytes: [UInt8]) -> String {
        let scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars.map(\.value)
        var text = ""
        for (index, scalar) in scalars.enumerated() {
            switch scalar {
            case 0x9, 0xA: text.unicodeScalars.append(Unicode.Scalar(scalar)!)
            case 0..<0x20, 0xFFFE, 0xFFFF: text += "_x" + hex(scalar) + "_"
            case 0x5F where isEscape(scalars[index...].prefix(7)): text += "_x005F_"
            default: text.unicodeScalars.append(Unicode.Scalar(scalar)!)
            }
        }
        return text
    }

    private func hex(_ value: UInt32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }

    private func isEscape(_ scalars: ArraySlice<UInt32>) -> Bool {
        let text = String(String.UnicodeScalarView(scalars.compactMap(Unicode.Scalar.init)))
        return text.wholeMatch(of: /_x[0-9A-Fa-f]{4}_/.asciiOnlyCharacterClasses()) != nil
    }

    @Test("bytes of any kind are encoded by the rule")
    func anyBytes() {
        var random = SystemRandomNumberGenerator()
        // Drawn often enough to meet each other: pieces of escapes, of characters, of nothing.
        let pieces: [[UInt8]] = [
            [0x5F], Array("_x00".utf8), Array("41_".utf8), Array("plain text ".utf8), [0], [0x0D], [0x1F], [0x20],
            [0x7F],
            [0xE6, 0xA5, 0xBC], [0xE6], [0xA5], [0xF0, 0x9F, 0x98, 0x80], [0xF0, 0x9F], [0xEF, 0xBF, 0xBE],
            [0xEF, 0xBF, 0xBF], [0xEF, 0xBF], [0xC3, 0xA9], [0xC3], [0xED, 0xA0, 0x80], [0xFF], [0x78], [0x41],
            [0x26], [0x3C], [0x3E], [0x3D], [0x22], Array("&lt;".utf8),
        ]
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 0...12, using: &random)).flatMap { _ in
                pieces.randomElement(using: &random)!
            }
            #expect(encode(bytes).text == reference(bytes), "\(bytes)")
            #expect(encode(bytes, as: .xml).text == entities(reference(bytes)), "\(bytes)")
        }
    }

    @Test("every byte is looked at, wherever it stands in a block of eight", arguments: 0..<24)
    func everyPosition(position: Int) {
        for special in [UInt8(0x00), 0x0D, 0x1F, 0x26, 0x3C, 0x3E, 0x5F, 0x80, 0xFF] {
            var bytes = [UInt8](repeating: UInt8(ascii: "a"), count: 24)
            bytes[position] = special
            #expect(encode(bytes).text == reference(bytes))
            #expect(encode(bytes, as: .xml).text == entities(reference(bytes)))
            #expect(encode(bytes).isRepaired == (special >= 0x80))
        }
    }
}
