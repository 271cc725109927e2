import Glibc
import Synchronization

/// Asks the system for addresses, each time on a thread of its own: a look-up blocks, and nothing ends it early.
final class SystemResolver: Sendable {
    /// Look-ups at the same time. The whole process has one resolver: a name server that does not answer holds each of
    /// its threads for as long as `resolv.conf` says, 10 s by default, whoever has stopped waiting; and strangers choose
    /// the names.
    static let lookUpsMax = 64
    /// How long an answer is waited for.
    static let lookUpDuration: Duration = .seconds(2)

    static let shared = SystemResolver()

    private let lookUpsMax: Int
    private let duration: Duration
    private let lookUp: @Sendable (String) -> [String]
    private let running = Mutex(0)

    init(
        lookUpsMax: Int = SystemResolver.lookUpsMax, duration: Duration = SystemResolver.lookUpDuration,
        lookUp: @escaping @Sendable (String) -> [String] = SystemResolver.ask
    ) {
        self.lookUpsMax = lookUpsMax
        self.duration = duration
        self.lookUp = lookUp
    }

    /// What the name means; nothing if it is unknown, or no answer came in time.
    ///
    /// Throws when as many look-ups are under way as may be: then nothing can be said about the name.
    func addresses(of host: String) async throws(HTTPFetchError) -> [String] {
        guard begin() else {
            throw .transport(code: 6, text: "could not resolve \(host): \(lookUpsMax) names are being looked up")
        }
        let answer = Answer()
        let didStart = startThread { [self] in
            let found = lookUp(host)
            end()
            answer.give(found)
        }
        guard didStart else {
            end()
            throw .transport(code: 6, text: "could not resolve \(host): no thread could be started")
        }
        return await inTime(answer)
    }

    private func begin() -> Bool {
        running.withLock { running in
            guard running < lookUpsMax else { return false }
            running += 1
            return true
        }
    }

    private func end() { running.withLock { $0 -= 1 } }

    private func inTime(_ answer: Answer) async -> [String] {
        let duration = duration
        return await withTaskGroup(of: [String].self) { group in
            group.addTask { await answer.wait() }
            group.addTask {
                try? await Task.sleep(for: duration)
                return []
            }
            defer { group.cancelAll() }
            return await group.next() ?? []
        }
    }

    /// One answer, given once: by the system or by who does not wait any longer.
    private final class Answer: Sendable {
        private struct State {
            var given: [String]?
            var continuation: CheckedContinuation<[String], Never>?
        }

        private let state = Mutex(State())

        /// Nothing once the task is cancelled.
        func wait() async -> [String] {
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let given = state.withLock { state in
                        if state.given == nil { state.continuation = continuation }
                        return state.given
                    }
                    if let given { continuation.resume(returning: given) }
                }
            } onCancel: {
                give([])
            }
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

    private static func ask(_ host: String) -> [String] {
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
