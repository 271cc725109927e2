import NIOCore
import NIOSSL
import SwiftASN1
import X509

/// What a peer has shown of itself, and whether it may call.
///
/// A peer is admitted by its client certificate, by a token said in hello, or by the gateway's secret; where a server
/// asks for none of these, everybody is.
struct PeerCredentials {
    /// Who the peer is, if it showed a token or a certificate.
    private(set) var principal: RPCPrincipal?
    /// The principal as `meta` carries it.
    private(set) var principalJSON: ByteBuffer?
    /// False: nothing but `rpc.hello` and `rpc.ping` is answered.
    private(set) var isAdmitted: Bool

    private let configuration: RPCServerConfiguration
    /// The token that was shown, and which reading of the file had it.
    private var token: (entry: TokenFile.Entry, reading: Int)?
    private var isGatewayByCertificate = false

    init(_ configuration: RPCServerConfiguration) {
        self.configuration = configuration
        isAdmitted = configuration.tokens == nil && configuration.tls?.asksForCertificates != true
    }

    /// The handshake is over; the certificate comes from an authority we believe.
    mutating func shown(_ certificate: NIOSSLCertificate) {
        guard let octets = try? certificate.toDERBytes(), let parsed = try? Certificate(derEncoded: octets) else {
            return
        }
        let subject = parsed.subject.description
        isGatewayByCertificate = configuration.gatewaySubjects.contains(subject)
        admit(RPCPrincipal(subject: subject, proof: .certificate))
    }

    /// Judges what hello says; the role the peer is believed to have, or why it is not let in.
    mutating func greeted(_ hello: RPCHello) -> Result<String, RPCError> {
        if let shown = hello.token {
            guard let tokens = configuration.tokens else { return role(of: hello) }
            let reading = tokens.reading
            guard let entry = tokens.entry(of: shown) else { return .failure(.unknownToken) }
            token = (entry, reading)
            admit(RPCPrincipal(subject: entry.name, proof: .token))
        }
        return role(of: hello)
    }

    /// Whether calls are still answered: a token that was taken from the file ends its connections' calls too.
    mutating func mayCall() -> Bool {
        guard let (entry, reading) = token, let tokens = configuration.tokens, tokens.reading != reading else {
            return isAdmitted
        }
        let current = tokens.reading
        isAdmitted = tokens.contains(entry)
        token = isAdmitted ? (entry, current) : nil
        return isAdmitted
    }

    private mutating func admit(_ principal: RPCPrincipal) {
        isAdmitted = true
        self.principal = principal
        principalJSON = principal.json
    }

    /// The gateway may speak in anybody's name, so this role is proved: by the secret, or by a certificate that the
    /// configuration names. Where neither was set nobody can prove it, and who claims it is a client like others.
    private mutating func role(of hello: RPCHello) -> Result<String, RPCError> {
        guard hello.role == ServerConnection.gatewayRole, !isGatewayByCertificate else { return .success(hello.role) }
        guard let secret = configuration.gatewaySecret else {
            return configuration.gatewaySubjects.isEmpty ? .success("client") : .failure(.notTheGateway)
        }
        guard Self.isEqual(secret, hello.secret ?? "") else { return .failure(.notTheGateway) }
        isAdmitted = true
        return .success(hello.role)
    }

    /// Compares in constant time: how long it takes must not tell how much was right.
    private static func isEqual(_ one: String, _ other: String) -> Bool {
        let (one, other) = (Array(one.utf8), Array(other.utf8))
        guard one.count == other.count else { return false }
        return zip(one, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

extension RPCError {
    /// A call before the peer has said who it is.
    static var credentialsMissing: RPCError {
        RPCError(
            .unauthenticated, reason: "credentials",
            "this port answers callers it knows: say rpc.hello with auth.token, or connect with a client certificate")
    }

    fileprivate static var unknownToken: RPCError {
        RPCError(.unauthenticated, reason: "credentials", "the token is not known here")
    }

    fileprivate static var notTheGateway: RPCError {
        RPCError(.unauthenticated, reason: "secret", "the gateway's secret is missing or wrong")
    }
}
