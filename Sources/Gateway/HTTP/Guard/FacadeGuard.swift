import NIOCore
import NIOHTTP1
package import RPC

/// What guards a façade; plain values. Without keys and tokens everybody is let in, without a rate as often as they like.
package struct FacadeGuardOptions: Sendable {
    /// API keys; see `TokenFile`.
    package var keys: TokenFile?
    /// JSON Web Tokens.
    package var tokens: JWTVerifier?
    /// How often one caller may call.
    package var rate: RateLimit?
    /// Callers whose rates are kept at the same time.
    package var callersMax = 100_000

    /// Nobody is turned away.
    package init() {}

    /// Whether callers have to show who they are.
    package var knowsCallers: Bool { keys != nil || tokens != nil }
}

/// Decides who may call an operation of a façade, and how often; shared by all loops.
final class FacadeGuard: Sendable {
    private let options: FacadeGuardOptions
    private let realm: String
    private let limiter: RateLimiter?

    /// Nil where there is nothing to guard, so that it costs nothing.
    init?(_ options: FacadeGuardOptions, facade: String) {
        guard options.knowsCallers || options.rate != nil else { return nil }
        self.options = options
        realm = facade
        limiter = options.rate.map { RateLimiter($0, callersMax: options.callersMax) }
    }

    /// Notes who calls; the refusal, if the call may not be made.
    func identify(
        _ request: inout FacadeRequest, _ operation: CompiledOperation, _ headers: HTTPHeaders
    ) -> HTTPRefusal? {
        let shown = ShownCredentials(headers: headers, query: request.query)
        let requirements = options.knowsCallers ? operation.security ?? SecurityRequirement.usual : []
        let verdict = judge(requirements, shown)
        // Who calls too often is known all the same.
        request.principal = (try? verdict.get()) ?? nil
        // Wrong credentials are counted by address: whoever guesses does not get to guess often.
        let caller: RateKey =
            if let principal = request.principal { .principal("\(principal.proof) \(principal.subject)") } else {
                .address(request.ip)
            }
        if let wait = limiter?.take(caller, now: request.started) { return .tooOften(retryAfter: wait) }
        if case .failure(let refusal) = verdict { return refusal }
        return nil
    }

    private func judge(
        _ requirements: [SecurityRequirement], _ shown: ShownCredentials
    ) -> Result<RPCPrincipal?, HTTPRefusal> {
        if requirements.isEmpty { return .success(nil) }
        var refusal: HTTPRefusal?
        for requirement in requirements {
            switch judge(requirement, shown) {
            case .allowed(let principal?): return .success(principal)
            case .allowed(nil), .absent: break
            case .refused(let found): refusal = refusal ?? found
            }
        }
        if let refusal { return .failure(refusal) }
        if requirements.contains(where: \.parts.isEmpty) { return .success(nil) }
        return .failure(.unauthenticated("this call needs credentials", challenge: challenge(requirements)))
    }

    private enum Judgement {
        case allowed(RPCPrincipal?)
        case absent
        case refused(HTTPRefusal)
    }

    /// Every scheme of the requirement; the first names the caller.
    private func judge(_ requirement: SecurityRequirement, _ shown: ShownCredentials) -> Judgement {
        var principal: RPCPrincipal?
        for part in requirement.parts {
            guard let credential = shown.credential(part.scheme) else { return .absent }
            switch caller(credential, part.scheme) {
            case .failure(let fault):
                let challenge =
                    part.scheme == .bearer
                    ? #"Bearer realm="\#(realm)", error="invalid_token""# : challenge([requirement])
                return .refused(.unauthenticated(fault.text, challenge: challenge))
            case .success(let caller):
                guard caller.scopes.isSuperset(of: part.scopes) else {
                    return .refused(.forbidden(needs: part.scopes, realm: realm))
                }
                principal = principal ?? caller.principal
            }
        }
        return .allowed(principal)
    }

    private struct Caller {
        let principal: RPCPrincipal
        let scopes: Set<String>
    }

    private struct CredentialFault: Error {
        let text: String
    }

    private func caller(_ credential: String, _ scheme: SecurityScheme) -> Result<Caller, CredentialFault> {
        if scheme == .bearer, let tokens = options.tokens, credential.contains(".") {
            do throws(JWTVerifier.Fault) {
                let bearer = try tokens.bearer(of: credential, now: Double(LoopClock.milliseconds()) / 1000)
                let principal = RPCPrincipal(subject: bearer.subject, proof: .jwt)
                return .success(Caller(principal: principal, scopes: bearer.scopes))
            } catch {
                return .failure(CredentialFault(text: error.rawValue))
            }
        }
        guard let entry = options.keys?.entry(of: credential) else {
            return .failure(CredentialFault(text: "the key is not known here"))
        }
        return .success(Caller(principal: RPCPrincipal(subject: entry.name, proof: .key), scopes: entry.scopes))
    }

    /// What RFC 9110 wants beside a 401: how to do better.
    private func challenge(_ requirements: [SecurityRequirement]) -> String {
        let schemes = requirements.flatMap(\.parts).map(\.scheme)
        if schemes.contains(.bearer) { return #"Bearer realm="\#(realm)""# }
        guard case .apiKey(_, let name)? = schemes.first else { return #"Bearer realm="\#(realm)""# }
        return #"ApiKey realm="\#(realm)", name="\#(name)""#
    }
}
