import JSONBytes
import TestSupport

/// What the server sends, cut into frames.
enum VectorFrame: CustomStringConvertible {
    case plain([UInt8])
    case extended(flags: UInt8, header: JSONValue, payload: [UInt8])

    var description: String {
        switch self {
        case .plain(let octets): String(decoding: octets.prefix(500), as: UTF8.self)
        case .extended(let flags, let header, let payload): "x-frame \(flags) \(header) + \(payload.count) octets"
        }
    }
}

/// A client's end of a connection, on raw octets: shares no code with the server's framing.
struct VectorPeer {
    private let client: RawTCPClient
    private let octetByOctet: Bool
    /// Everything the server has sent, for the library's own reader (`VectorHearing`).
    let heard = Shared<[UInt8]>([])
    static let patience = Duration.seconds(20)

    init(port: Int, octetByOctet: Bool) async throws {
        client = try await RawTCPClient(port: port)
        self.octetByOctet = octetByOctet
    }

    func send(_ octets: [UInt8]) async throws {
        guard octetByOctet else { return try await client.send(octets) }
        // A server may have had enough before the last octet; what it said is checked, not that it listened.
        for octet in octets where !client.isEnded { try? await client.send([octet]) }
    }

    func halfClose() async throws {
        try? await client.closeWrite()
    }

    /// The next frame, whole.
    func frame() async throws -> VectorFrame {
        let prefix = try await client.read(count: 4, within: Self.patience)
        let header = prefix.reduce(0) { $0 << 8 | UInt32($1) }
        let body = try await client.read(count: Int(header & 0x7FFF_FFFF), within: Self.patience)
        heard.change { $0 += prefix + body }
        return try Self.frame(header: header, body: body)
    }

    /// Everything up to the end of the connection, as frames.
    func framesToEnd() async throws -> [VectorFrame] {
        var rest = try await client.readToEnd(within: Self.patience)[...]
        heard.change { [rest] in $0 += rest }
        var frames: [VectorFrame] = []
        while !rest.isEmpty {
            let header = rest.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
            let length = Int(header & 0x7FFF_FFFF)
            guard rest.count >= 4 + length else { throw VectorMismatch("the connection ended inside a frame") }
            frames.append(try Self.frame(header: header, body: Array(rest.dropFirst(4).prefix(length))))
            rest = rest.dropFirst(4 + length)
        }
        return frames
    }

    /// Everything up to the end of the connection, as text.
    func textToEnd() async throws -> String {
        let octets = try await client.readToEnd(within: Self.patience)
        heard.change { $0 += octets }
        return String(decoding: octets, as: UTF8.self)
    }

    func close() async {
        await client.close()
    }

    private static func frame(header: UInt32, body: [UInt8]) throws -> VectorFrame {
        guard header & 0x8000_0000 != 0 else { return .plain(body) }
        guard body.count >= 4, body[0] == 1 else { throw VectorMismatch("an x-frame is too short or not of type 1") }
        let length = Int(body[2]) << 8 | Int(body[3])
        return .extended(
            flags: body[1], header: try JSONValue(parsing: body.dropFirst(4).prefix(length)),
            payload: Array(body.dropFirst(4 + length)))
    }
}
