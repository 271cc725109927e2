package import RPC

/// What the gateway shows to a service, and how it makes sure that it is that service.
///
/// Whoever is shown a secret can pass for the gateway with all that share it.
package struct ServiceCredentials: Sendable {
    /// Proves that it is the gateway who calls; without it the service does not believe what is said of clients.
    package var secret: String?
    /// Says who calls, to a service that asks for tokens.
    package var token: String?
    /// Speaks TLS; without it the connection is not encrypted.
    package var tls: ClientTLS?

    package init(secret: String? = nil, token: String? = nil, tls: ClientTLS? = nil) {
        (self.secret, self.token, self.tls) = (secret, token, tls)
    }
}
