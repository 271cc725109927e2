import JSONBytes
import NIOCore
import RPC

extension FuzzTarget {
    /// The objects of the protocol: hello, meta of requests and replies, events, contents. Whatever JSON stands in their
    /// place is read or left; what was read is written so that the other side reads the same.
    static let members = FuzzTarget(name: "members") { octets throws(BrokenProperty) in
        guard jsonValue(octets) != nil else { return }
        try checkHello(octets.buffer)
        try checkMeta(octets.buffer)
        try checkEvent(octets.buffer)
        let replyMeta = RPCReplyMeta(json: octets.buffer)
        try require(
            RPCReplyMeta(json: try checkedJSON(replyMeta.json)) == replyMeta, "a reply's meta is read as another")
        if let content = RPCContent(json: octets.buffer) {
            try require(RPCContent(json: try checkedJSON(content.json)) == content, "a content is read as another")
        }
    }
}

/// The same octets if they are JSON, as all that we write must be.
private func checkedJSON(_ written: ByteBuffer) throws(BrokenProperty) -> ByteBuffer {
    try require(jsonValue(written.octets) != nil, "we wrote what is not JSON: \(written.octets.text)")
    return written
}

private func checkHello(_ octets: ByteBuffer) throws(BrokenProperty) {
    let defaults = RPCHelloLimits(frameBytesMax: 64 * 1024 * 1024, inFlightMax: 256)
    guard let hello = RPCHello(json: octets, defaults: defaults) else { return }
    try require(hello.limits.frameBytesMax > 0 && hello.limits.inFlightMax > 0, "limits of \(hello.limits)")
    let again = RPCHello(json: try checkedJSON(hello.parameters), defaults: defaults)
    try require(again?.parameters == hello.parameters, "a hello's parameters are read as others")
    let answer = RPCHello(json: try checkedJSON(hello.result), defaults: defaults)
    try require(answer?.result == hello.result, "a hello's result is read as another")
}

private func checkMeta(_ octets: ByteBuffer) throws(BrokenProperty) {
    guard let written = RPCMeta(json: octets).json else { return }
    try require(RPCMeta(json: try checkedJSON(written)).json == written, "a meta is read as another")
}

private func checkEvent(_ octets: ByteBuffer) throws(BrokenProperty) {
    guard let (id, event) = RPCEvent.read(octets) else { return }
    guard let (again, same) = RPCEvent.read(try checkedJSON(event.parameters(id: id))) else {
        throw BrokenProperty("a written event is no event")
    }
    try require(again == id && same == event, "an event is read as another")
}
