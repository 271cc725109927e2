package import NIOCore
import NIOSSL

/// What a listening side needs for TLS 1.2 and 1.3: its certificate, its key, and whom it believes.
///
/// The files are read again by `reload`, without touching connections that are open.
public final class ServerTLS: Sendable {
    struct Loaded: Sendable {
        let context: NIOSSLContext
        /// The certificate that is shown, as DER.
        let leaf: [UInt8]
    }

    /// Whether clients are asked for a certificate.
    public let asksForCertificates: Bool
    /// Whether a client without a certificate is turned away.
    public let requiresCertificates: Bool
    private let files: FileBacked<Loaded>
    private let handshakeDurationMax: TimeAmount

    /// Reads PEM files: a chain with the server's own certificate first, its key, and the authorities whose client
    /// certificates are believed, if any are asked for.
    ///
    /// - Parameters:
    ///   - clientAuthorityFile: turns mutual TLS on.
    ///   - requiresCertificates: false where a client may prove itself otherwise.
    ///   - protocols: the names offered by ALPN.
    ///   - handshakeDurationMax: how long a client may take until it is known; then the connection is closed.
    public init(
        certificateFile: String, keyFile: String, clientAuthorityFile: String? = nil,
        requiresCertificates: Bool = true, protocols: [String] = [],
        handshakeDurationMax: Duration = .seconds(10)
    ) async throws {
        self.handshakeDurationMax = TimeAmount(handshakeDurationMax)
        asksForCertificates = clientAuthorityFile != nil
        self.requiresCertificates = asksForCertificates && requiresCertificates
        let verification: CertificateVerification =
            requiresCertificates ? .noHostnameVerification : .optionalVerification
        files = try await FileBacked([certificateFile, keyFile] + [clientAuthorityFile].compactMap { $0 }) {
            let identity = try TLSIdentity(certificateFile: certificateFile, keyFile: keyFile)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: identity.chain.map { .certificate($0) }, privateKey: .privateKey(identity.key))
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = protocols
            if let clientAuthorityFile {
                configuration.trustRoots = .certificates(try TLSIdentity.certificates(clientAuthorityFile))
                configuration.certificateVerification = verification
            }
            return Loaded(context: try identity.context(configuration), leaf: try identity.chain[0].toDERBytes())
        }
    }

    /// Reads changed files again; new connections then see what they say. True when something was read; an error says
    /// why a changed file cannot be used, and the old ones stay in force.
    public func reload() async throws -> Bool { try await files.reload() }

    /// The certificate shown now, as DER.
    var leaf: [UInt8] { files.value.leaf }

    /// Puts TLS in front of everything else in a new connection's pipeline.
    package func addHandlers(to channel: any Channel) throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(NIOSSLServerHandler(context: files.value.context))
        try pipeline.addHandler(HandshakeLimit(duration: handshakeDurationMax, done: nil))
    }
}
