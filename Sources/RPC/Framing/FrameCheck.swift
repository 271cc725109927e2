import JSONBytes
import NIOCore

/// Validates a long frame while it comes, and finds the members of its message.
///
/// Each step looks at what has arrived since the last one, at most what one read brings (64 KiB): a message of 64 MiB
/// costs other connections of the loop no more than many short ones would.
package struct FrameCheck: Sendable {
    /// Shorter frames are checked when they are complete.
    static let stepBytesMax = 64 * 1024

    /// Octets in front of the JSON: the length, and of an x-frame its prologue and header.
    private let offset: Int
    /// False for the payload of an x-frame, whose members nobody asks for.
    private let findsMembers: Bool
    private var validator: JSONValidator
    private var finder = JSONMemberFinder()
    private var error: JSONSyntaxError?
    private var checkedBytes = 0
    /// The reserved members of the message.
    private(set) var members = EnvelopeRanges()

    /// A check of the frame a buffer begins with; nil until enough of it is there to tell what it is, and for chunks.
    init?(beginning buffer: ByteBuffer, allowsExtended: Bool) {
        guard let length = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self) else { return nil }
        guard allowsExtended, length & ExtendedFrame.lengthBit != 0 else {
            offset = 4
            findsMembers = true
            validator = JSONValidator(depthMax: RequestParser.depthMax)
            return
        }
        guard let flags = buffer.getInteger(at: buffer.readerIndex + 5, as: UInt8.self),
            let headerBytes = buffer.getInteger(at: buffer.readerIndex + 6, as: UInt16.self)
        else { return nil }
        offset = 4 + ExtendedFrame.prologueBytes + Int(headerBytes)
        let payloadBytes = 4 + Int(length & ~ExtendedFrame.lengthBit) - offset
        guard flags == 0, payloadBytes > Self.stepBytesMax else { return nil }
        findsMembers = false
        validator = JSONValidator(depthMax: RequestParser.depthMax - 1)
    }

    /// What the message is; nil before its first bracket, and for anything without one.
    var kind: JSONKind? { finder.kind }

    /// The beginning of the message, or the header beside its payload.
    func head(of buffer: ByteBuffer) -> ByteBuffer {
        let start = findsMembers ? offset : 4 + ExtendedFrame.prologueBytes
        return buffer.slice(start..<(findsMembers ? buffer.readableBytes : min(offset, buffer.readableBytes)))
    }

    /// Looks at what has come of the frame that the buffer begins with.
    mutating func advance(_ buffer: ByteBuffer) {
        guard buffer.readableBytes > offset else { return }
        look(at: buffer.slice(offset..<buffer.readableBytes))
    }

    /// The JSON is complete.
    mutating func finish(_ json: ByteBuffer) {
        look(at: json)
        guard error == nil else { return }
        do throws(JSONSyntaxError) {
            try validator.finish()
        } catch {
            self.error = error
        }
    }

    /// Throws if it was no JSON.
    func verdict() throws(JSONSyntaxError) {
        if let error { throw error }
    }

    /// `json` is everything so far.
    private mutating func look(at json: ByteBuffer) {
        guard error == nil, json.readableBytes > checkedBytes else { return }
        json.withUnsafeReadableBytes { bytes in
            do throws(JSONSyntaxError) {
                try validator.consume(UnsafeRawBufferPointer(rebasing: bytes[checkedBytes...]))
            } catch {
                self.error = error
                return
            }
            guard findsMembers else { return }
            var found = members
            finder.advance(bytes) { key, value in _ = found.add(JSONScanner.slice(bytes, key), value) }
            members = found
        }
        checkedBytes = json.readableBytes
    }
}
