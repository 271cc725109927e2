import JSONBytes
public import NIOCore

/// Who calls, as far as it was proved.
public struct RPCPrincipal: Sendable, Hashable {
    /// What proved it.
    public enum Proof: String, Sendable {
        /// A bearer token of the RPC port; the subject is its name.
        case token
        /// A client certificate; the subject is the certificate's.
        case certificate
        /// An API key of a façade; the subject is its name.
        case key
        /// A JSON Web Token; the subject is its `sub`.
        case jwt
    }

    /// The name under which the caller is known.
    public var subject: String
    /// How we know.
    public var proof: Proof

    package init(subject: String, proof: Proof) {
        self.subject = subject
        self.proof = proof
    }

    /// `{"sub": …, "via": …}`, as `meta.principal` carries it.
    public var json: ByteBuffer {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("sub", subject)
        writer.member("via", proof.rawValue)
        writer.endObject()
        return ByteBuffer(bytes: writer.bytes)
    }
}
