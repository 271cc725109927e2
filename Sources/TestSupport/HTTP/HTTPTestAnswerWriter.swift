import NIOCore

/// Turns an answer into bytes on the wire.
struct HTTPTestAnswerWriter {
    let answer: HTTPTestAnswer
    let isHead: Bool

    private static let chunkBytes = 64 << 10

    /// Writes the answer and returns whether the connection stays usable.
    func write(to outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>) async throws -> Bool {
        switch answer.body {
        case .bytes(let bytes):
            var buffer = head(framing: ("Content-Length", "\(bytes.count)"))
            if !isHead { buffer.writeBytes(bytes) }
            try await outbound.write(buffer)
        case .chunks(let pieces):
            try await writeChunks(pieces, pause: nil, to: outbound)
        case .drip(let pieces, let pause):
            try await writeChunks(pieces, pause: pause, to: outbound)
        case .raw(let bytes):
            try await outbound.write(ByteBuffer(bytes: bytes))
            return false
        case .cut(let bytes, let declared):
            var buffer = head(framing: ("Content-Length", "\(declared)"))
            buffer.writeBytes(bytes)
            try await outbound.write(buffer)
            return false
        case .drop:
            return false
        case .endless(let pattern):
            try await outbound.write(head(framing: ("Transfer-Encoding", "chunked")))
            let chunk = Self.chunk(repeating: pattern)
            while true { try await outbound.write(chunk) }
        case .gzipBomb(let decodedBytes):
            try await writeBomb(decodedBytes: decodedBytes, to: outbound)
            return false
        }
        return !answer.closes
    }

    private func head(framing: (name: String, value: String)?) -> ByteBuffer {
        var text = "HTTP/1.1 \(answer.status) \(answer.status < 400 ? "OK" : "Not OK")\r\n"
        for header in answer.headers { text += "\(header.name): \(header.value)\r\n" }
        // These two carry no body, and no words about one.
        if let framing, answer.status != 204, answer.status != 304 { text += "\(framing.name): \(framing.value)\r\n" }
        if answer.closes { text += "Connection: close\r\n" }
        return ByteBuffer(string: text + "\r\n")
    }

    private func writeChunks(
        _ pieces: [[UInt8]], pause: Duration?, to outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws {
        try await outbound.write(head(framing: ("Transfer-Encoding", "chunked")))
        if isHead { return }
        for piece in pieces where !piece.isEmpty {
            if let pause { try await ContinuousClock().sleep(for: pause) }
            try await outbound.write(Self.chunk(piece))
        }
        try await outbound.write(ByteBuffer(string: "0\r\n\r\n"))
    }

    private func writeBomb(decodedBytes: Int, to outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>) async throws {
        var bomb = answer
        bomb.headers.append(("Content-Encoding", "gzip"))
        bomb.closes = true
        let writer = HTTPTestAnswerWriter(answer: bomb, isHead: isHead)
        // No length: the body ends with the connection, as a hostile server may have it.
        var start = writer.head(framing: nil)
        start.writeBytes(GzipStream.bombStart)
        try await outbound.write(start)
        let copies = 4_096
        let block = ByteBuffer(repeating: GzipStream.bombPattern, copies: copies)
        var sent = 0
        while sent < decodedBytes {
            try await outbound.write(block)
            sent += copies * GzipStream.bombPatternDecodedBytes
        }
    }

    private static func chunk(repeating pattern: [UInt8]) -> ByteBuffer {
        chunk(Array(ByteBuffer(repeating: pattern, copies: chunkBytes / max(pattern.count, 1) + 1).readableBytesView))
    }

    private static func chunk(_ bytes: [UInt8]) -> ByteBuffer {
        var buffer = ByteBuffer(string: String(bytes.count, radix: 16) + "\r\n")
        buffer.writeBytes(bytes)
        buffer.writeStaticString("\r\n")
        return buffer
    }
}

extension ByteBuffer {
    fileprivate init(repeating pattern: [UInt8], copies: Int) {
        self.init()
        reserveCapacity(pattern.count * copies)
        for _ in 0..<copies { writeBytes(pattern) }
    }
}
