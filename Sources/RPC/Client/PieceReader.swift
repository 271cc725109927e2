import JSONBytes
import NIOCore

/// Reads octets from a server that streams none: piece by piece, each asked for with the `offset` of what came before
/// (`protocol/README.md`, "X-frames and byte streams").
///
/// A time limit holds for each piece, and so do the tries: what was read is not asked for again.
struct PieceReader: Sendable {
    private let replicas: RPCReplicaSet
    private let request: RPCCallRequest
    private let isIdempotent: Bool
    /// The piece at hand, not given out yet; nil when it has been.
    private var ready: StreamPiece?
    /// The octet that comes next.
    private var offset: Int
    private var isAtEnd = false

    /// Goes on after the first reply to a request.
    init(
        after first: ByteBuffer, to request: RPCCallRequest, isIdempotent: Bool, replicas: RPCReplicaSet
    ) throws(RPCError) {
        guard let piece = StreamPiece(json: first) else {
            throw RPCError(.failedPrecondition, reason: "plain", "the server answered without a byte stream")
        }
        self.replicas = replicas
        self.request = request
        self.isIdempotent = isIdempotent
        ready = piece
        offset = piece.offset
    }

    /// The next octets; nil at the end.
    mutating func next() async throws -> ByteBuffer? {
        if isAtEnd { return nil }
        let piece: StreamPiece
        if let ready { piece = ready } else { piece = try await ask() }
        ready = nil
        guard piece.offset == offset else {
            throw RPCError(.dataLoss, "expected octets from \(offset) on, found those from \(piece.offset) on")
        }
        isAtEnd = piece.isLast
        offset += piece.octets.readableBytes
        if piece.octets.readableBytes > 0 { return piece.octets }
        // A server that never comes to an end would be asked for ever.
        guard isAtEnd else { throw RPCError(.dataLoss, "expected octets from \(offset) on, found none and no end") }
        return nil
    }

    private func ask() async throws -> StreamPiece {
        var request = request
        request.params = try Self.params(request.params, offset: offset)
        let reply = try await AsyncCall.result(of: request, isIdempotent: isIdempotent, replicas: replicas)
        guard let piece = StreamPiece(json: reply) else {
            throw RPCError(.dataLoss, "expected a piece of octets from \(offset) on, found another result")
        }
        return piece
    }

    /// The caller's parameters with `offset` in place of its own.
    private static func params(_ params: ByteBuffer?, offset: Int) throws -> ByteBuffer {
        let given = try params.map { try JSONValue(parsing: $0.readableBytesView) } ?? .object([])
        guard let members = given.members else {
            throw RPCError(.failedPrecondition, reason: "plain", "pieces are asked for with an object as parameters")
        }
        let next = JSONMember("offset", .number(String(offset)))
        return ByteBuffer(bytes: JSONValue.object(members.filter { $0.key != "offset" } + [next]).bytes)
    }
}

/// One piece of a byte stream, as a result.
struct StreamPiece: Sendable {
    var octets: ByteBuffer
    var offset: Int
    var isLast: Bool

    /// Nil when the result is something else.
    init?(json: ByteBuffer) {
        guard let fields = JSONFields(json), let text = fields.string("base64"),
            let octets = ByteBuffer(base64: text), let offset = fields.integer("offset"), offset >= 0,
            let isLast = fields.bool("eof")
        else { return nil }
        self.octets = octets
        self.offset = offset
        self.isLast = isLast
    }
}
