import ServiceRuntime

/// Certificates, tokens and whom they are for. Files are PEM, and are read again when they change.
enum SecuritySettings {
    static let reloadInterval = Setting(
        "listen.reloadInterval", .duration(.seconds(1) ... .seconds(86_400)), default: .seconds(10),
        "How often the files of certificates, keys and tokens are looked at for changes; SIGHUP does it at once.")
    static let rpcCertificate = file(
        "rpc.tls.certificate", "The certificate of the RPC ports and the chain above it; with it they speak TLS only.")
    static let rpcKey = file("rpc.tls.key", "The key of rpc.tls.certificate.")
    static let rpcClientAuthority = file(
        "rpc.tls.clientAuthority",
        "Authorities whose client certificates let callers of the RPC ports in; with rpc.tokensFile a token will do, too."
    )
    static let rpcGatewaySubject = Setting(
        "rpc.tls.gatewaySubject", .text, default: "",
        "The subject of the gateway's client certificate, such as CN=gateway; empty: only the secret proves the gateway."
    )
    static let rpcAuthority = file(
        "rpc.tls.authority",
        "Authorities of the services elsewhere; with it they are called by TLS and shown rpc.tls.certificate if they ask."
    )
    static let rpcServices = Setting(
        "rpc.tls.services", .list(of: "names of services"), default: [],
        "Services of your own that are called by TLS as well.")
    static let tokensFile = file(
        "rpc.tokensFile",
        "Who may call the RPC ports: lines of a name and the SHA-256 of a token, as `pailou token NAME` prints them.")
    static let ownTokenFile = file(
        "rpc.ownTokenFile", "The token this program shows to RPC ports that it calls.")
    static let gatewayCertificate = file(
        "gateway.tls.certificate",
        "The certificate of the façades and the chain above it; with it they speak HTTPS only.")
    static let gatewayKey = file("gateway.tls.key", "The key of gateway.tls.certificate.")

    static let all: [any AnySetting] = [
        reloadInterval, gatewayCertificate, gatewayKey, rpcCertificate, rpcKey, rpcClientAuthority, rpcGatewaySubject,
        rpcAuthority, rpcServices, tokensFile, ownTokenFile,
    ]

    private static func file(_ key: String, _ meaning: String) -> Setting<String> {
        Setting(key, .text, default: "", meaning)
    }
}

extension Settings {
    /// A file's path, nil where none is set.
    func path(_ setting: Setting<String>) -> String? {
        self[setting].isEmpty ? nil : self[setting]
    }
}
