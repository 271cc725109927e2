import Database
import Logging
import Secrets
import Synchronization
import XAPI

/// What became of calls through a proxy.
struct ProxyCalls: Hashable, Sendable {
    var calls = 0
    var failures = 0
    /// Of those that came back.
    var latencyMilliseconds = 0

    static func + (first: ProxyCalls, second: ProxyCalls) -> ProxyCalls {
        ProxyCalls(
            calls: first.calls + second.calls, failures: first.failures + second.failures,
            latencyMilliseconds: first.latencyMilliseconds + second.latencyMilliseconds)
    }
}

/// How well proxies do: which of them are avoided for now, and counts that are written from time to time.
final class ProxyRates: Sendable {
    /// Between two writings of what was counted.
    static let interval = Duration.seconds(5)
    /// A proxy that does not come through is avoided for so long, doubled with each failure in a row.
    static let restFirst = Duration.seconds(30)
    static let restMax = Duration.seconds(600)

    private struct Rate {
        /// Not yet written.
        var counted = ProxyCalls()
        /// Since this process was started.
        var calls = 0
        var failuresInARow = 0
        var restsUntil: ContinuousClock.Instant?
    }

    private let rates = Mutex<[String: Rate]>([:])

    /// The one of these that rests not and was used least; if all do, the one whose rest is over first.
    func choose(of proxies: [XProxy], now: ContinuousClock.Instant = .now) -> XProxy? {
        rates.withLock { rates in
            proxies.min { first, second in
                let (one, other) = (rates[first.name] ?? Rate(), rates[second.name] ?? Rate())
                let (rest, otherRest) = (max(one.restsUntil ?? now, now), max(other.restsUntil ?? now, now))
                return rest == otherRest ? one.calls < other.calls : rest < otherRest
            }
        }
    }

    func report(_ proxy: XProxy, isReached: Bool, _ latency: Duration, now: ContinuousClock.Instant = .now) {
        rates.withLock { rates in
            var rate = rates[proxy.name] ?? Rate()
            rate.calls += 1
            rate.counted.calls += 1
            if isReached {
                rate.counted.latencyMilliseconds += Int(latency / .milliseconds(1))
                rate.failuresInARow = 0
                rate.restsUntil = nil
            } else {
                rate.counted.failures += 1
                rate.failuresInARow += 1
                let rest = Self.restFirst * (1 << min(rate.failuresInARow - 1, 10))
                rate.restsUntil = now + min(rest, Self.restMax)
            }
            rates[proxy.name] = rate
        }
    }

    /// Whether it is avoided for now.
    func isResting(_ name: String, now: ContinuousClock.Instant = .now) -> Bool {
        rates.withLock { $0[name]?.restsUntil.map { $0 > now } ?? false }
    }

    /// What was counted and not written yet.
    func pending(_ name: String) -> ProxyCalls { rates.withLock { $0[name]?.counted ?? ProxyCalls() } }

    /// A proxy that was changed or is gone begins anew.
    func forget(_ name: String) { rates.withLock { _ = $0.removeValue(forKey: name) } }

    /// Writes what was counted, until cancelled.
    func run(_ database: any Database, _ sealer: SecretSealer, _ logger: Logger) async throws {
        while true {
            do {
                try await Task.sleep(for: Self.interval)
            } catch {
                try? await write(to: database, sealer)
                throw error
            }
            do {
                try await write(to: database, sealer)
            } catch {
                logger.warning("counts of proxies are written later", metadata: ["error": "\(error)"])
            }
        }
    }

    private func write(to database: any Database, _ sealer: SecretSealer) async throws {
        let counted = rates.withLock { $0.compactMapValues { $0.counted.calls > 0 ? $0.counted : nil } }
        guard !counted.isEmpty else { return }
        try await database.write { transaction in
            let store = SecretStore(transaction, sealer)
            for (name, calls) in counted.sorted(by: { $0.key < $1.key }) { try store.add(calls, to: name) }
        }
        rates.withLock { rates in
            for (name, calls) in counted {
                rates[name]?.counted.calls -= calls.calls
                rates[name]?.counted.failures -= calls.failures
                rates[name]?.counted.latencyMilliseconds -= calls.latencyMilliseconds
            }
        }
    }
}
