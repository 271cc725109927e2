package import RPC

/// The services behind a gateway: where their replicas answer, what their methods are like, how they are called.
package struct ServiceDirectory: Sendable {
    /// The replicas of each service: `["export": [127.0.0.1:7101]]`.
    package var addresses: [String: [HostPort]]
    /// By service: what proves to it that it is the gateway who calls; without it a service does not believe what is
    /// said of clients. Whoever is shown a secret can pass for the gateway with all that share it.
    package var secrets: [String: String]
    /// OpenRPC documents of services: what the router says it offers, and which methods may be sent again or wait.
    package var documents: [[UInt8]]
    /// Documents of services that may be there or not: not offered, but known.
    package var otherDocuments: [[UInt8]] = []
    /// When failed calls are sent again.
    package var retries = RPCRetryPolicy()
    /// When replicas are given no calls; they are asked for their health even while nobody calls them.
    package var replicas = RPCReplicaPolicy()
    /// Where it is noted which services have replicas that serve.
    package let status = ServiceStatus()

    package init(
        _ addresses: [String: [HostPort]], secrets: [String: String] = [:], documents: [[UInt8]] = []
    ) {
        self.addresses = addresses
        self.secrets = secrets
        self.documents = documents
        replicas.checkInterval = .seconds(10)
    }

    /// What the documents say of methods, by name.
    var methods: [String: MethodTraits] { MethodTraits.read(documents + otherDocuments) }

    /// How a client of one of them presents itself.
    func client(of name: String) -> RPCClientConfiguration {
        var configuration = RPCClientConfiguration()
        configuration.role = "gateway"
        configuration.gatewaySecret = secrets[name]
        configuration.retries = retries
        configuration.replicas = replicas
        return configuration
    }
}
