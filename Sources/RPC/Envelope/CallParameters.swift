package import JSONBytes
package import NIOCore

extension JSONValue {
    /// The parameters of a call as a tree; of a call without any, an empty object.
    ///
    /// Throws INVALID_ARGUMENT `json` where they are no JSON.
    package init(parameters: ByteBuffer?) throws(RPCError) {
        do {
            self = try parameters.map { try JSONValue(parsing: $0.readableBytesView) } ?? .object([])
        } catch {
            throw RPCError(.invalidArgument, reason: "json", "expected JSON: \(error)")
        }
    }
}
