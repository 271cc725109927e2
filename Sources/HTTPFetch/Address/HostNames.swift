import Synchronization

/// What host names resolve to, where it is not left to libcurl.
final class HostNames: Sendable {
    /// How long a proxied name that was found harmless is not looked up again.
    static let harmlessDuration: Duration = .seconds(60)
    /// Names remembered as harmless.
    static let harmlessMax = 1_024

    private let resolve: (@Sendable (String) async -> [String])?
    private let system: SystemResolver
    private let harmless = Mutex<[String: ContinuousClock.Instant]>([:])

    /// - Parameter resolve: Instead of the system's resolver.
    init(_ resolve: (@Sendable (String) async -> [String])?, system: SystemResolver = .shared) {
        self.resolve = resolve
        self.system = system
    }

    /// What a direct connection is to be made to; nil where libcurl asks the system.
    func given(_ host: String) async -> [String]? {
        guard let resolve, IPAddress(host) == nil else { return nil }
        return await resolve(host)
    }

    /// Refuses a URL that goes through a proxy and whose name means a denied address here.
    ///
    /// The proxy resolves the name again, so this is no promise; but `localhost` and the names of this network are not
    /// passed on. A name that is unknown here, or not known in time, is the proxy's to judge.
    func judge(_ url: FetchURL, by policy: AddressPolicy) async throws(HTTPFetchError) {
        guard IPAddress(url.host) == nil else { return }
        let key = "\(url.host):\(url.port)"
        if harmless.withLock({ $0[key].map { $0 > .now } ?? false }) { return }
        let found =
            if let resolve { await resolve(url.host) } else { try await system.addresses(of: url.host) }
        for text in found {
            guard let address = IPAddress(text),
                policy.decide(ip: address, port: url.port, host: url.host) == .denied
            else { continue }
            throw .addressDenied(address: text, port: url.port, host: url.host, setting: policy.setting)
        }
        harmless.withLock { harmless in
            if harmless.count >= Self.harmlessMax { harmless = [:] }
            harmless[key] = .now + Self.harmlessDuration
        }
    }
}
