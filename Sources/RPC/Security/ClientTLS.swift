import NIOCore
import NIOSSL

/// How a calling side makes sure that it speaks to the right server, and what it shows of itself.
public final class ClientTLS: Sendable {
    private struct Loaded: Sendable {
        let context: NIOSSLContext
    }

    private let files: FileBacked<Loaded>
    private let serverName: String?
    /// Set where the server is in this very process: exactly its certificate is believed.
    private let twin: ServerTLS?

    /// Believes servers whose certificate comes from one of the authorities and names the host that is called.
    ///
    /// - Parameters:
    ///   - authorityFile: PEM certificates; without it those of the system are believed.
    ///   - certificateFile: shown to servers that ask for one, with `keyFile`.
    ///   - serverName: what the certificate must name when that is not the host called.
    public init(
        authorityFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil, serverName: String? = nil
    ) async throws {
        self.serverName = serverName
        twin = nil
        files = try await FileBacked([authorityFile, certificateFile, keyFile].compactMap { $0 }) {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.minimumTLSVersion = .tlsv12
            if let authorityFile {
                configuration.trustRoots = .certificates(try TLSIdentity.certificates(authorityFile))
            }
            guard let certificateFile, let keyFile else {
                return Loaded(context: try NIOSSLContext(configuration: configuration))
            }
            let identity = try TLSIdentity(certificateFile: certificateFile, keyFile: keyFile)
            configuration.certificateChain = identity.chain.map { .certificate($0) }
            configuration.privateKey = .privateKey(identity.key)
            return Loaded(context: try identity.context(configuration))
        }
    }

    /// Believes nobody but a server of this process, whose address its certificate need not name. `certificateFile` is
    /// shown to it when it asks for one.
    package init(calling server: ServerTLS, certificateFile: String, keyFile: String) async throws {
        serverName = nil
        twin = server
        files = try await FileBacked([certificateFile, keyFile]) {
            let identity = try TLSIdentity(certificateFile: certificateFile, keyFile: keyFile)
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.minimumTLSVersion = .tlsv12
            // The certificate itself is compared: it need not name the address of this process.
            configuration.certificateVerification = .noHostnameVerification
            configuration.certificateChain = identity.chain.map { .certificate($0) }
            configuration.privateKey = .privateKey(identity.key)
            return Loaded(context: try identity.context(configuration))
        }
    }

    /// Reads changed files again; the next connection uses them. As `ServerTLS.reload`.
    public func reload() async throws -> Bool { try await files.reload() }

    /// Puts TLS in front of everything else in a new connection's pipeline; `done` is kept when the server is known to
    /// be the right one.
    func addHandlers(to channel: any Channel, host: String, limit: TimeAmount, done: EventLoopPromise<Void>) throws {
        let pipeline = channel.pipeline.syncOperations
        let name = serverName ?? host
        // An address is compared with that of the socket, and is not sent as a name.
        let sentName = (try? SocketAddress(ipAddress: name, port: 0)) == nil ? name : nil
        try pipeline.addHandler(handler(name: sentName))
        try pipeline.addHandler(HandshakeLimit(duration: limit, done: done))
    }

    private func handler(name: String?) throws -> NIOSSLClientHandler {
        let context = files.value.context
        guard let twin else { return try NIOSSLClientHandler(context: context, serverHostname: name) }
        return try NIOSSLClientHandler(
            context: context, serverHostname: nil,
            customVerificationCallback: { certificates, verdict in
                let shown = try? certificates.first?.toDERBytes()
                verdict.succeed(shown == twin.leaf ? .certificateVerified : .failed)
            })
    }
}
