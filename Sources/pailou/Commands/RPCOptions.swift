import ArgumentParser
import Gateway
import Logging
import NIOPosix
import RPC
import ServiceRuntime

/// Where a client command connects, what it shows there, and the connection itself.
struct RPCOptions: ParsableArguments {
    @Option(help: "RPC address; without it the system that runs on ./data, else 127.0.0.1:7100.")
    var to: HostPort?

    @Flag(help: "Speak TLS; the options below and rpc.tls.authority do so, too.")
    var tls = false

    @Option(help: "Authorities of the server's certificate; without it those of the system. Else rpc.tls.authority.")
    var ca: String?

    @Option(help: "What the server's certificate must name, when that is not the host of --to.")
    var serverName: String?

    @Option(help: "A client certificate, for servers that ask for one; with --key. Else rpc.tls.certificate.")
    var certificate: String?

    @Option(help: "The key of --certificate. Else rpc.tls.key.")
    var key: String?

    @Option(help: "A file with the token to show. Else rpc.ownTokenFile.")
    var tokenFile: String?

    @OptionGroup var settingsOptions: SettingsOptions

    /// The gateway's RPC port, documented in protocol/README.md.
    private static let documentedAddress = HostPort(host: "127.0.0.1", port: 7100)

    func validate() throws {
        guard (certificate == nil) == (key == nil) else {
            throw ValidationError("--certificate and --key: expected both or neither")
        }
    }

    func address() -> HostPort {
        if let to { return to }
        let running = Endpoints.read(in: "data")?.rpc["gateway"].flatMap { HostPort($0) }
        return running ?? Self.documentedAddress
    }

    /// Runs `body` with a connected client; an RPC error is told on standard error and ends the program with 1.
    func withClient(_ body: (RPCClient) async throws -> Void) async throws {
        let address = address()
        let client = RPCClient(
            host: address.host, port: address.port, configuration: try await configuration(),
            group: .singletonMultiThreadedEventLoopGroup, logger: Logger(label: "pailou"))
        do {
            try await body(client)
            await client.close()
        } catch let error as RPCError {
            StandardError.print("pailou: \(address): \(describe(error))")
            throw ExitCode.failure
        }
    }

    private func configuration() async throws -> RPCClientConfiguration {
        let settings = try await settingsOptions.load()
        var configuration = RPCClientConfiguration()
        do {
            let tokenFile = tokenFile ?? settings.path(SecuritySettings.ownTokenFile)
            configuration.token = try tokenFile.map(OwnToken.read)
            configuration.tls = try await transport(settings)
        } catch let error as SecurityFileError {
            StandardError.print("pailou: \(error)")
            throw SettingsOptions.configurationError
        }
        return configuration
    }

    private func transport(_ settings: Settings) async throws -> ClientTLS? {
        let authority = ca ?? settings.path(SecuritySettings.rpcAuthority)
        guard tls || authority != nil || certificate != nil || serverName != nil else { return nil }
        let identity =
            certificate == nil
            ? (settings.path(SecuritySettings.rpcCertificate), settings.path(SecuritySettings.rpcKey))
            : (certificate, key)
        return try await ClientTLS(
            authorityFile: authority, certificateFile: identity.0, keyFile: identity.1, serverName: serverName)
    }

    private func describe(_ error: RPCError) -> String {
        let reason = error.reason.map { ".\($0)" } ?? ""
        // Some services say all of them in the message already.
        let details = error.details.map { "\($0.pathText): \($0.message)" }.filter { !error.message.contains($0) }
            .map { "\n  \($0)" }.joined()
        return "\(error.code) \(error.status?.rawValue ?? "UNKNOWN")\(reason): \(error.message)\(details)"
    }
}
