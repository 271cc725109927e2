package import RPC

/// The services behind a gateway: where their replicas answer, what their methods are like, how they are called.
package struct ServiceDirectory: Sendable {
    /// The replicas of each service: `["export": [127.0.0.1:7101]]`.
    package var addresses: [String: [HostPort]]
    /// By service: what the gateway shows of itself, and how it knows the service. Whoever is shown a secret can pass for
    /// the gateway with all that share it.
    package var credentials: [String: ServiceCredentials]
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
        _ addresses: [String: [HostPort]], credentials: [String: ServiceCredentials] = [:],
        documents: [[UInt8]] = []
    ) {
        self.addresses = addresses
        self.credentials = credentials
        self.documents = documents
        replicas.checkInterval = .seconds(10)
    }

    /// What the documents say of methods, by name.
    var methods: [String: MethodTraits] { MethodTraits.read(documents + otherDocuments) }

    /// How a client of one of them presents itself.
    func client(of name: String) -> RPCClientConfiguration {
        var configuration = RPCClientConfiguration()
        configuration.role = "gateway"
        configuration.gatewaySecret = credentials[name]?.secret
        configuration.token = credentials[name]?.token
        configuration.tls = credentials[name]?.tls
        configuration.retries = retries
        configuration.replicas = replicas
        return configuration
    }
}
