import Gateway
import Logging
import RPC
import ServiceRuntime

/// Certificates, tokens and secrets of this process: what it shows, and whom it believes.
struct Security: Sendable {
    let rpcTLS: ServerTLS?
    let gatewayTLS: ServerTLS?
    let tokens: TokenFile?
    /// What is read again when its files change.
    let reloads: [FileReloader.Item]
    private let secret: String
    private let gatewaySubject: String?
    private let ownToken: String?
    /// For services elsewhere.
    private let calls: ClientTLS?
    /// For services of this process.
    private let twin: ClientTLS?
    /// Strangers' services that are called by TLS.
    private let secureServices: Set<String>

    /// Reads every file that the settings name; one that cannot be used keeps the process from starting.
    static func load(_ settings: Settings, in dataDirectory: DataDirectory) async throws -> Security {
        do {
            return try await Security(settings, secret: RPCSecret.load(settings, in: dataDirectory))
        } catch let error as SecurityFileError {
            throw SettingsError("the settings of TLS and tokens cannot be used: \(error)")
        }
    }

    private init(_ settings: Settings, secret: String) async throws {
        self.secret = secret
        tokens = try await settings.path(SecuritySettings.tokensFile).asyncMap { try await TokenFile(path: $0) }
        let rpc = try Self.identity(settings, SecuritySettings.rpcCertificate, SecuritySettings.rpcKey)
        let clientAuthority = settings.path(SecuritySettings.rpcClientAuthority)
        if clientAuthority != nil, rpc == nil {
            throw SettingsError(
                "rpc.tls.clientAuthority is set; expected rpc.tls.certificate and rpc.tls.key beside it")
        }
        let hasTokens = tokens != nil
        rpcTLS = try await rpc.asyncMap {
            try await ServerTLS(
                certificateFile: $0.certificate, keyFile: $0.key, clientAuthorityFile: clientAuthority,
                requiresCertificates: !hasTokens)
        }
        gatewayTLS = try await Self.identity(settings, SecuritySettings.gatewayCertificate, SecuritySettings.gatewayKey)
            .asyncMap {
                try await ServerTLS(certificateFile: $0.certificate, keyFile: $0.key, protocols: ["http/1.1"])
            }
        calls = try await settings.path(SecuritySettings.rpcAuthority).asyncMap {
            try await ClientTLS(authorityFile: $0, certificateFile: rpc?.certificate, keyFile: rpc?.key)
        }
        twin =
            if let rpcTLS, let rpc {
                try await ClientTLS(calling: rpcTLS, certificateFile: rpc.certificate, keyFile: rpc.key)
            } else {
                nil
            }
        ownToken = try settings.path(SecuritySettings.ownTokenFile).map(OwnToken.read)
        gatewaySubject = settings.path(SecuritySettings.rpcGatewaySubject)
        secureServices = Set(settings[SecuritySettings.rpcServices])
        reloads = Self.reloads(tokens: tokens, servers: (rpcTLS, gatewayTLS), clients: [calls, twin])
    }

    /// What every RPC port of this process asks of its callers.
    func protect(_ configuration: inout RPCServerConfiguration) {
        configuration.tls = rpcTLS
        configuration.tokens = tokens
    }

    /// A service believes the gateway, which may speak in others' names.
    func protectService(_ configuration: inout RPCServerConfiguration) {
        protect(&configuration)
        configuration.gatewaySecret = secret
        configuration.gatewaySubjects = Set([gatewaySubject].compactMap { $0 })
    }

    /// What the gateway shows to its services: to ours the secret and the token, to a stranger's neither.
    func credentials(for services: [String], inThisProcess local: Set<String>) -> [String: ServiceCredentials] {
        Dictionary(
            uniqueKeysWithValues: services.map { name in
                if local.contains(name) { return (name, ServiceCredentials(secret: secret, tls: twin)) }
                guard DocumentedAddresses.services[name] != nil else {
                    return (name, ServiceCredentials(tls: secureServices.contains(name) ? calls : nil))
                }
                return (name, ServiceCredentials(secret: secret, token: ownToken, tls: calls))
            })
    }

    private static func identity(
        _ settings: Settings, _ certificate: Setting<String>, _ key: Setting<String>
    ) throws -> (certificate: String, key: String)? {
        switch (settings.path(certificate), settings.path(key)) {
        case (nil, nil): return nil
        case (let certificate?, let key?): return (certificate, key)
        default: throw SettingsError("expected \(certificate.key) and \(key.key) both or neither, found one of them")
        }
    }

    private static func reloads(
        tokens: TokenFile?, servers: (rpc: ServerTLS?, gateway: ServerTLS?), clients: [ClientTLS?]
    ) -> [FileReloader.Item] {
        var items: [FileReloader.Item] = []
        if let tokens { items.append(.init("rpc.tokensFile") { try await tokens.reload() }) }
        for (name, server) in [("rpc.tls", servers.rpc), ("gateway.tls", servers.gateway)] {
            if let server { items.append(.init(name) { try await server.reload() }) }
        }
        for case let client? in clients { items.append(.init("rpc.tls for calls") { try await client.reload() }) }
        return items
    }
}

/// The token that this program shows to others.
enum OwnToken {
    static func read(_ path: String) throws -> String {
        let text = String(decoding: try SmallFile.read(path), as: UTF8.self)
        let token = text.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
        guard (1...TokenFile.tokenBytesMax).contains(token.utf8.count) else {
            throw SecurityFileError(path, "expected a token of at most \(TokenFile.tokenBytesMax) octets")
        }
        return token
    }
}

extension Optional where Wrapped: Sendable {
    /// `map` for what has to wait.
    fileprivate func asyncMap<Value>(_ make: (Wrapped) async throws -> Value) async rethrows -> Value? {
        if let self { try await make(self) } else { nil }
    }
}
