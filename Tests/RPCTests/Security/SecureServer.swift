import NIOCore
import RPC
import TestSupport

/// What tests of TLS and tokens have in common: `who` answers who the server takes the caller for.
enum SecureServer {
    static func register(_ methods: inout RPCMethods) {
        methods.register("who", raw: { $0.meta.principal ?? ByteBuffer(string: "null") })
        methods.register("echo", raw: { $0.params ?? ByteBuffer(string: "null") })
    }

    /// A configuration that speaks TLS with this identity.
    static func configuration(
        _ identity: TestCertificates.Identity, clientAuthority: String? = nil, requiresCertificates: Bool = true
    ) async throws -> RPCServerConfiguration {
        var configuration = RPCServerConfiguration()
        configuration.tls = try await ServerTLS(
            certificateFile: identity.certificate, keyFile: identity.key, clientAuthorityFile: clientAuthority,
            requiresCertificates: requiresCertificates)
        return configuration
    }

    /// The text that `who` answers to a client set up like this, or the error.
    static func who(
        _ server: RunningServer, host: String = "127.0.0.1", tls: ClientTLS? = nil, token: String? = nil,
        role: String = "client", isPlain: Bool = false
    ) async -> Result<String, RPCError> {
        var configuration = RPCClientConfiguration()
        (configuration.tls, configuration.token) = (tls, token)
        (configuration.role, configuration.isPlain) = (role, isPlain)
        let client = server.client(host: host, configuration: configuration)
        let answer: Result<String, RPCError>
        do throws(any Error) {
            answer = .success(String(buffer: try await client.call("who", options: .init(timeout: .seconds(30)))))
        } catch {
            answer = .failure(error as? RPCError ?? RPCError(.internal, "\(error)"))
        }
        await client.close()
        return answer
    }
}

extension Result<String, RPCError> {
    var reason: String? {
        if case .failure(let error) = self { error.reason } else { nil }
    }

    var text: String? { try? get() }
}
