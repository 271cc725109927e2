import JSONBytes
import TestSupport

/// What tests of connections say and hear, on the raw octets of `VectorPeer`.
extension VectorPeer {
    init(_ server: RunningServer) async throws {
        try await self.init(port: server.port, octetByOctet: false)
    }

    /// Sends messages, each in its frame, in one write.
    func say(_ messages: String...) async throws {
        try await send(messages.flatMap { VectorOctets.framed(Array($0.utf8)) })
    }

    /// The next message.
    func hear() async throws -> JSONValue {
        guard case .plain(let octets) = try await frame() else { throw VectorMismatch("expected a plain frame") }
        return try JSONValue(parsing: octets)
    }

    /// Agrees on these features.
    func hello(_ names: String...) async throws {
        let names = names.isEmpty ? ["meta", "xframe", "cancel", "stream"] : names
        let features = "[" + names.map { #""\#($0)""# }.joined(separator: ",") + "]"
        try await say(
            #"{"jsonrpc":"2.0","id":0,"method":"rpc.hello","params":{"versions":[1],"features":\#(features)}}"#)
        _ = try await hear()
    }

    /// Returns when the server says that it stops.
    func hearsDraining() async throws {
        try await eventually("the stop") {
            try await say(request(9, "rpc.health"))
            return try await hear()["result"]?["status"] == "draining"
        }
    }
}

extension RunningServer {
    /// A negotiated peer whose call, of id 1, stands before the doors.
    func waitingPeer(_ doors: Doors, goaway: Bool = false) async throws -> VectorPeer {
        let peer = try await VectorPeer(self)
        if goaway { try await peer.hello("goaway", "meta", "stream") } else { try await peer.hello() }
        try await peer.say(request(1, "wait"))
        try await eventually("the call") { doors.begun == 1 }
        return peer
    }
}

/// A request as text.
func request(_ id: Int, _ method: String, _ params: String = "{}", meta: String? = nil) -> String {
    let meta = meta.map { #","meta":\#($0)"# } ?? ""
    return #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)"\#(meta),"params":\#(params)}"#
}
