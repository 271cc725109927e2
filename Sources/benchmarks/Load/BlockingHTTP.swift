import Foundation

/// An HTTP connection that reads answers as fast as one thread can, keeping nothing: what limits is who sends.
final class BlockingHTTP {
    private let socket: BlockingSocket
    private let space: UnsafeMutableRawBufferPointer

    init(_ address: String, bufferBytes: Int = 512 * 1024) throws {
        socket = try BlockingSocket(address)
        space = .allocate(byteCount: bufferBytes, alignment: 16)
    }

    deinit { space.deallocate() }

    /// Asks for a path over the same connection as before; answers how many octets the body had.
    func get(_ path: String) throws -> Int {
        try socket.send(Array("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".utf8))
        return try receiveAnswer()
    }

    /// Sends JSON to a path; answers how many octets the answer's body had.
    func post(_ json: [UInt8], to path: String) throws -> Int {
        let head = """
            POST \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
            Content-Length: \(json.count)\r\n\r\n
            """
        try socket.send(Array(head.utf8))
        try socket.send(json)
        return try receiveAnswer()
    }

    private func receiveAnswer() throws -> Int {
        let end = Array("\r\n\r\n".utf8)
        var head: [UInt8] = []
        var body = 0
        while true {
            let count = try socket.receive(into: space)
            head += space[..<count]
            guard let range = head.firstRange(of: end) else { continue }
            body = head.count - range.upperBound
            head.removeSubrange(range.upperBound...)
            break
        }
        let size = try Self.size(String(decoding: head, as: UTF8.self))
        while body < size { body += try socket.receive(into: space) }
        return size
    }

    private static func size(_ head: String) throws -> Int {
        let lines = head.lowercased().split(separator: "\r\n")
        guard lines.first?.split(separator: " ").dropFirst().first == "200" else {
            throw BenchmarkError("expected status 200, found \(lines.first ?? "nothing")")
        }
        let field = lines.first { $0.hasPrefix("content-length:") }
        guard let size = field?.split(separator: ":").last.flatMap({ Int($0.trimmingCharacters(in: .whitespaces)) })
        else { throw BenchmarkError("expected Content-Length, found \(head)") }
        return size
    }
}
