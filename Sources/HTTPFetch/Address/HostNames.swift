import Glibc
import Synchronization

/// What host names resolve to, where it is not left to libcurl.
final class HostNames: Sendable {
    /// How long a proxied name that was found harmless is not looked up again.
    static let harmlessDuration: Duration = .seconds(60)
    /// How long the system is asked; where only the proxy can resolve names, nobody waits longer.
    static let lookUpDuration: Duration = .seconds(2)
    /// Names remembered as harmless.
    static let harmlessMax = 1_024

    private let resolve: (@Sendable (String) async -> [String])?
    private let harmless = Mutex<[String: ContinuousClock.Instant]>([:])

    /// - Parameter resolve: Instead of the system's resolver.
    init(_ resolve: (@Sendable (String) async -> [String])?) { self.resolve = resolve }

    /// What a direct connection is to be made to; nil where libcurl asks the system.
    func given(_ host: String) async -> [String]? {
        guard let resolve, IPAddress(host) == nil else { return nil }
        return await resolve(host)
    }

    /// Refuses a URL that goes through a proxy and whose name means a denied address here.
    ///
    /// The proxy resolves the name again, so this is no promise; but `localhost` and the names of this network are not
    /// passed on. A name that is unknown here is the proxy's to judge.
    func judge(_ url: FetchURL, by policy: AddressPolicy) async throws(HTTPFetchError) {
        guard IPAddress(url.host) == nil else { return }
        let key = "\(url.host):\(url.port)"
        if harmless.withLock({ $0[key].map { $0 > .now } ?? false }) { return }
        let found = if let resolve { await resolve(url.host) } else { await Self.inTime(url.host) }
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

    private static func inTime(_ host: String) async -> [String] {
        await withTaskGroup(of: [String].self) { group in
            group.addTask { await system(host) }
            group.addTask {
                try? await Task.sleep(for: lookUpDuration)
                return []
            }
            defer { group.cancelAll() }
            return await group.next() ?? []
        }
    }

    /// Asks the system, on a thread that may block; answers nothing once the task is cancelled.
    private static func system(_ host: String) async -> [String] {
        let answer = Answer()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                answer.wait(continuation)
                if !startThread({ answer.give(lookUp(host)) }) { answer.give([]) }
            }
        } onCancel: {
            answer.give([])
        }
    }

    /// One answer, given once: by the resolver or by who does not wait any longer.
    private final class Answer: Sendable {
        private struct State {
            var given: [String]?
            var continuation: CheckedContinuation<[String], Never>?
        }

        private let state = Mutex(State())

        func wait(_ continuation: CheckedContinuation<[String], Never>) {
            let given = state.withLock { state in
                if state.given == nil { state.continuation = continuation }
                return state.given
            }
            if let given { continuation.resume(returning: given) }
        }

        func give(_ addresses: [String]) {
            let continuation = state.withLock { state in
                guard state.given == nil else { return nil as CheckedContinuation<[String], Never>? }
                state.given = addresses
                defer { state.continuation = nil }
                return state.continuation
            }
            continuation?.resume(returning: addresses)
        }
    }

    private static func lookUp(_ host: String) -> [String] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [String] = []
        var next = list
        while let entry = next {
            if let address = entry.pointee.ai_addr, let (ip, _) = IPAddress.resolved(UnsafeRawPointer(address)) {
                found.append("\(ip)")
            }
            next = entry.pointee.ai_next
        }
        return found
    }
}
