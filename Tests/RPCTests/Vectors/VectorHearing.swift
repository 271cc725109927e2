import JSONBytes
import NIOCore
import RPC
import TestSupport
import Testing

/// What a server said in a case, read as `RPCClient` reads it: whole and octet by octet alike, and every message a reply
/// or a notification.
struct VectorHearing {
    private let octets: [UInt8]
    /// As long as that is read octet by octet, too.
    private static let octetsMax = 64 * 1024

    init(of peer: VectorPeer) { octets = peer.heard.value }

    func check() throws {
        let whole = try frames(step: max(1, octets.count))
        if octets.count <= Self.octetsMax { #expect(try frames(step: 1) == whole) }
        for frame in whole {
            switch frame {
            case .plain(let message): try check(message)
            case .extended(let frame):
                #expect(try JSONValue(parsing: frame.header.readableBytesView)["id"] != nil)
            // Not a server's frame: text for people who speak something else. Nothing behind it is taken for one.
            case .tooLong: #expect(octets.starts(with: "HTTP/".utf8))
            case .malformed, .foreign: Issue.record("a server's frame cannot be read: \(frame)")
            }
        }
    }

    /// A client asks for no batches, so it reads each reply of one.
    private func check(_ message: ByteBuffer) throws {
        let value = try JSONValue(parsing: message.readableBytesView)
        for reply in value.elements ?? [value] {
            if case .invalid(let fault) = ReplyParser.parse(ByteBuffer(bytes: reply.bytes)) {
                Issue.record("a client cannot read \(reply): \(fault)")
            }
        }
    }

    private func frames(step: Int) throws -> [RPCFrame] {
        var decoder = FrameDecoder(frameBytesMax: RPCClientConfiguration().frameBytesMax)
        var frames: [RPCFrame] = []
        var buffer = ByteBuffer()
        for start in stride(from: 0, to: octets.count, by: step) {
            buffer.writeBytes(octets[start..<min(start + step, octets.count)])
            while let frame = decoder.decode(buffer: &buffer) {
                frames.append(frame)
                if agreesOnExtended(frame) { decoder.allowsExtended = true }
            }
        }
        return frames
    }

    private func agreesOnExtended(_ frame: RPCFrame) -> Bool {
        guard case .plain(let message) = frame, case .success(_, let result, _) = ReplyParser.parse(message) else {
            return false
        }
        let features = (try? JSONValue(parsing: result.readableBytesView))?["features"]
        return features?.elements?.contains("xframe") ?? false
    }
}
