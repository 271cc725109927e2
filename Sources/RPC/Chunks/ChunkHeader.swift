import JSONBytes
package import NIOCore

/// What the header of an x-frame says, told apart by its members.
package enum ChunkHeader {
    /// A request, whole or its first chunk: the envelope without `params`.
    case request(RequestEnvelope)
    /// More of a message that has begun: an id and nothing else.
    case further(RPCMessageID)
    /// To be answered with this error and id.
    case invalid(RPCError, id: RPCMessageID)

    /// Reads a header; its octets are not validated yet.
    package init(_ header: ByteBuffer) {
        do {
            try header.withUnsafeReadableBytes { bytes throws(JSONSyntaxError) in
                try JSONValidator.validate(bytes, depthMax: RequestParser.depthMax)
            }
        } catch {
            self = .invalid(.malformed("the frame is not JSON: \(error)"), id: .null)
            return
        }
        do throws(EnvelopeFault) {
            self = try Self(validated: header)
        } catch {
            self = .invalid(error.error, id: error.id)
        }
    }

    private init(validated header: ByteBuffer) throws(EnvelopeFault) {
        let members = try EnvelopeMembers(of: header)
        if members.method == nil, members.version, let id = try members.checkedID() {
            self = .further(id)
        } else {
            self = .request(try RequestScan.request(in: header))
        }
    }
}

extension RequestEnvelope {
    /// The request with the parameters that stood beside its header; validated, and nothing when empty.
    func with(params: ByteBuffer) throws(EnvelopeFault) -> RequestEnvelope {
        guard params.readableBytes > 0 else { return self }
        let kind = RequestScan.kind(of: params)
        guard self.params == nil, kind == .object || kind == .array || kind == .null else {
            let text = "expected an object or an array as payload, and no params in the header"
            throw EnvelopeFault(error: .notARequest(text), id: id ?? .null)
        }
        if kind == .null { return self }
        var request = self
        request.params = params
        return request
    }
}
