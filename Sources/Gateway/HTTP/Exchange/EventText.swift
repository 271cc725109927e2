import NIOCore

/// Server-sent events as text (HTML standard, 9.2).
struct EventText {
    private(set) var buffer = ByteBuffer()

    /// Adds an event. Data is JSON: a line break can only be white space in it, so a line more changes nothing.
    mutating func add(event: String, id: Int?, data: ByteBuffer) {
        if let id { buffer.writeString("id: \(id)\n") }
        buffer.writeString("event: \(event)\n")
        for line in data.readableBytesView.split(omittingEmptySubsequences: false, whereSeparator: isLineBreak) {
            buffer.writeStaticString("data: ")
            buffer.writeBytes(line)
            buffer.writeStaticString("\n")
        }
        buffer.writeStaticString("\n")
    }
}

private func isLineBreak(_ octet: UInt8) -> Bool { octet == 0x0A || octet == 0x0D }
