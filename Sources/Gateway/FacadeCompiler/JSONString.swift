import JSONBytes
import NIOCore

extension ByteBuffer {
    /// Writes a quoted JSON string; a text without anything to escape is one copy.
    mutating func writeJSONString(_ text: String) {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != quote && $0 != UInt8(ascii: "\\") }) {
            writeInteger(quote)
            writeString(text)
            writeInteger(quote)
        } else {
            var writer = JSONWriter()
            writer.string(text)
            writeBytes(writer.bytes)
        }
    }
}

private let quote = UInt8(ascii: "\"")
