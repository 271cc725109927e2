import Database
import Secrets
import XAPI

/// What an execution calls the API with.
struct Credential: Sendable {
    /// The account's id; empty for the default one.
    let id: String
    let token: String
    let route: XRoute
}

/// Why there is no credential for an execution.
enum CredentialFailure: Error, CustomStringConvertible {
    case unknownAccount(String)
    case unknownProxy(String)
    case noDefault
    /// The key that sealed a secret is not there any more.
    case sealed(SecretKind, String)

    var description: String {
        switch self {
        case .unknownAccount(let id): "ACCOUNT_NOT_FOUND: no account with the id \(id)"
        case .unknownProxy(let id): "PROXY_NOT_FOUND: no proxy with the id \(id)"
        case .noDefault: "AUTH: expected a bearer token in scrape.bearerToken, found none"
        case .sealed(let kind, let id): "AUTH: the secret of the \(kind.rawValue) \(id) cannot be opened"
        }
    }
}

/// The credentials there are: the default one, and those of accounts; and the proxies.
struct Credentials: Sendable {
    let bearerToken: String
    let database: any Database
    let sealer: SecretSealer
    let rates: ProxyRates

    func credential(account: String?, proxy: String?) async throws -> Credential {
        // The account first: it is what the document's clients look at.
        let token = try await token(account)
        return Credential(id: account ?? "", token: token, route: try await route(proxy))
    }

    /// The proxy that is named, or else one of those that are shared: another one while one does not come through.
    /// Without any the API is called directly.
    private func route(_ name: String?) async throws -> XRoute {
        let rates = rates
        let report: @Sendable (XProxy, Bool, Duration) -> Void = { proxy, isReached, latency in
            rates.report(proxy, isReached: isReached, latency)
        }
        if let name {
            guard let url = try await secret(.proxy, name) else { throw CredentialFailure.unknownProxy(name) }
            let proxy = XProxy(name: name, url: url)
            return XRoute(proxy: { proxy }, reached: report)
        }
        let sealer = sealer
        let shared: [XProxy]
        do {
            shared = try await database.read { try SecretStore($0, sealer).sharedProxies() }
        } catch let error as DatabaseError {
            throw error
        } catch {
            throw CredentialFailure.sealed(.proxy, "that is shared")
        }
        return shared.isEmpty ? .direct : XRoute(proxy: { rates.choose(of: shared) }, reached: report)
    }

    private func token(_ account: String?) async throws -> String {
        guard let account else {
            guard !bearerToken.isEmpty else { throw CredentialFailure.noDefault }
            return bearerToken
        }
        guard let token = try await secret(.account, account) else { throw CredentialFailure.unknownAccount(account) }
        return token
    }

    private func secret(_ kind: SecretKind, _ name: String) async throws -> String? {
        let sealer = sealer
        do {
            return try await database.read { try SecretStore($0, sealer).secret(kind, name) }
        } catch let error as DatabaseError {
            throw error
        } catch {
            throw CredentialFailure.sealed(kind, name)
        }
    }
}
