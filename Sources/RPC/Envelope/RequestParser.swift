import JSONBytes
package import NIOCore

/// Reads a frame's JSON as a request, a notification or a batch of them.
///
/// What our own senders write is recognised by its fixed octets and only the payload is validated; everything else is
/// validated whole and scanned. Both ways give the same answer for the same text.
package enum RequestParser {
    /// The most items in a batch.
    package static let batchItemsMax = 100
    /// How deep a message may nest, itself included.
    package static let depthMax = 512

    /// Reads one frame; one that was checked as it came is not looked through again.
    package static func parse(_ frame: ByteBuffer, checked: FrameCheck?) -> RequestMessage {
        guard let checked else { return parse(frame) }
        do throws(JSONSyntaxError) {
            try checked.verdict()
        } catch {
            return .invalid(.malformed("the frame is not JSON: \(error)"), id: .null)
        }
        guard checked.kind == .object else { return parseValidatedFrame(frame) }
        do throws(EnvelopeFault) {
            return .single(try RequestScan.request(with: EnvelopeMembers(of: frame, checked.members)))
        } catch {
            return .invalid(error.error, id: error.id)
        }
    }

    /// Reads one frame.
    package static func parse(_ frame: ByteBuffer) -> RequestMessage {
        if let request = RequestFastPath.parse(frame) { return .single(request) }
        do {
            try frame.withUnsafeReadableBytes { bytes throws(JSONSyntaxError) in
                try JSONValidator.validate(bytes, depthMax: depthMax)
            }
        } catch {
            return .invalid(.malformed("the frame is not JSON: \(error)"), id: .null)
        }
        return parseValidatedFrame(frame)
    }

    private static func parseValidatedFrame(_ frame: ByteBuffer) -> RequestMessage {
        switch frame.withUnsafeReadableBytes({ JSONScanner.kind(of: $0) }) {
        case .object: return parseValidated(frame)
        case .array: return batch(frame)
        default: return .invalid(.notARequest("expected an object or an array"), id: .null)
        }
    }

    /// Reads one item of a batch, or a whole message, whose octets are known to be JSON.
    package static func parseValidated(_ message: ByteBuffer) -> RequestMessage {
        do throws(EnvelopeFault) {
            return .single(try RequestScan.request(in: message))
        } catch {
            return .invalid(error.error, id: error.id)
        }
    }

    /// Joins a request with the parameters that stood beside it in an extended frame.
    package static func parse(_ request: RequestEnvelope, params: ByteBuffer, checked: FrameCheck?) -> RequestMessage {
        do {
            if let checked {
                try checked.verdict()
            } else if params.readableBytes > 0 {
                try params.withUnsafeReadableBytes { bytes throws(JSONSyntaxError) in
                    try JSONValidator.validate(bytes, depthMax: depthMax - 1)
                }
            }
        } catch {
            return .invalid(.malformed("the payload is not JSON: \(error)"), id: .null)
        }
        do throws(EnvelopeFault) {
            return .single(try request.with(params: params))
        } catch {
            return .invalid(error.error, id: error.id)
        }
    }

    private static func batch(_ frame: ByteBuffer) -> RequestMessage {
        var items: [ByteBuffer] = []
        frame.withUnsafeReadableBytes { bytes in
            JSONScanner.forEachElement(of: bytes) { range in
                items.append(frame.getSlice(at: frame.readerIndex + range.lowerBound, length: range.count)!)
                return items.count <= batchItemsMax
            }
        }
        if items.isEmpty { return .invalid(.notARequest("a batch needs at least one item"), id: .null) }
        if items.count > batchItemsMax {
            return .invalid(.notARequest("a batch has at most \(batchItemsMax) items"), id: .null)
        }
        return .batch(items)
    }
}

/// Why a message is no request, and under which id to say so.
struct EnvelopeFault: Error {
    var error: RPCError
    var id: RPCMessageID
}
