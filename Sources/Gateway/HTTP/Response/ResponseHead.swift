import NIOCore
import NIOHTTP1

/// Writes the head of an answer as octets, in one pass and into one buffer.
///
/// A field that cannot be sent as it is (a control octet in its value would begin a field of somebody else's choice) is
/// left out.
struct ResponseHead {
    private(set) var buffer: ByteBuffer
    let status: Int

    init(status: Int, allocator: ByteBufferAllocator, capacity: Int = 512) {
        self.status = status
        buffer = allocator.buffer(capacity: capacity)
        buffer.writeStatusLine(status)
    }

    mutating func field(_ name: StaticString, _ value: String) {
        guard value.utf8.allSatisfy(isFieldOctet) else { return }
        buffer.writeStaticString(name)
        buffer.writeStaticString(": ")
        buffer.writeString(value)
        buffer.writeStaticString("\r\n")
    }

    mutating func field(_ name: StaticString, _ value: Int) {
        buffer.writeStaticString(name)
        buffer.writeStaticString(": ")
        buffer.writeDecimal(value)
        buffer.writeStaticString("\r\n")
    }

    /// A field whose name comes from a document or a service.
    mutating func field(named name: String, _ value: String) {
        guard HTTPFieldName.isValid(name), value.utf8.allSatisfy(isFieldOctet) else { return }
        buffer.writeString(name)
        buffer.writeStaticString(": ")
        buffer.writeString(value)
        buffer.writeStaticString("\r\n")
    }

    /// Fields that were written before, each with its line's end.
    mutating func fields(_ fields: ByteBuffer) {
        buffer.writeImmutableBuffer(fields)
    }

    /// Ends the head and hands out its octets.
    mutating func finish() -> ByteBuffer {
        buffer.writeStaticString("\r\n")
        return buffer
    }
}

/// Octets allowed in a field's value: visible ones, space, tab, and those above ASCII.
private func isFieldOctet(_ octet: UInt8) -> Bool {
    octet >= 0x20 && octet != 0x7f || octet == 0x09
}

extension ByteBuffer {
    fileprivate mutating func writeStatusLine(_ status: Int) {
        switch status {
        case 200: writeStaticString("HTTP/1.1 200 OK\r\n")
        case 206: writeStaticString("HTTP/1.1 206 Partial Content\r\n")
        case 404: writeStaticString("HTTP/1.1 404 Not Found\r\n")
        default:
            writeStaticString("HTTP/1.1 ")
            writeDecimal(status)
            writeStaticString(" ")
            writeString(HTTPResponseStatus(statusCode: status).reasonPhrase)
            writeStaticString("\r\n")
        }
    }

    /// A number in decimal digits, without a string in between.
    mutating func writeDecimal(_ number: Int) {
        if number < 0 || number >= 10_000_000_000_000 {
            writeString(String(number))
            return
        }
        var digits: UInt128 = 0
        var count = 0
        var rest = UInt64(number)
        repeat {
            digits = digits << 8 | UInt128(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
            count += 1
        } while rest > 0
        for _ in 0..<count {
            writeInteger(UInt8(truncatingIfNeeded: digits))
            digits >>= 8
        }
    }
}
