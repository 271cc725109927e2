import Synchronization

/// Keeps the exports of a process from asking a source more often than it may.
///
/// A source is an origin, for that is who has to bear it: the strictest rate that an export under way names counts for all
/// exports from there. They take turns in the order they asked.
package final class SourcePacers: Sendable {
    private struct Source {
        /// Pages per second; by number of the export, infinite of one that names none.
        var rates: [Int: Double] = [:]
        /// Who waits, in their order.
        var waiting: [Int] = []
        /// When a page may be asked for next.
        var due: Duration?
    }

    private struct State {
        var sources: [String: Source] = [:]
        var serial = 0
    }

    /// Longest time after which one that waits looks again: the strictest rate may have left.
    private static let waitMax: Duration = .seconds(1)
    /// Shortest: turns are not taken more exactly than that.
    private static let waitMin: Duration = .milliseconds(1)

    private let state = Mutex(State())
    private let now: @Sendable () -> Duration
    private let sleep: @Sendable (Duration) async throws -> Void

    /// - Parameter now: Since any instant.
    package init(
        now: (@Sendable () -> Duration)? = nil,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        let begin = ContinuousClock.now
        self.now = now ?? { ContinuousClock.now - begin }
        self.sleep = sleep
    }

    /// An export begins to read from an origin; it has to leave at the end.
    package func enter(_ origin: String, pagesPerSecond: Double?) -> PagePacer {
        let now = now()
        return state.withLock { state in
            state.sources = state.sources.filter { !$0.value.rates.isEmpty || $0.value.due.map { $0 > now } ?? false }
            state.serial += 1
            state.sources[origin, default: Source()].rates[state.serial] = pagesPerSecond ?? .infinity
            return PagePacer(pacers: self, origin: origin, number: state.serial)
        }
    }

    fileprivate func leave(_ origin: String, _ number: Int) {
        state.withLock { state -> Void in state.sources[origin]?.rates[number] = nil }
    }

    fileprivate func turn(_ origin: String) async {
        let ticket = state.withLock { state -> Int in
            state.serial += 1
            state.sources[origin]?.waiting.append(state.serial)
            return state.serial
        }
        defer {
            state.withLock { state -> Void in state.sources[origin]?.waiting.removeAll { $0 == ticket } }
        }
        while let wait = self.wait(of: ticket, origin) {
            do { try await sleep(min(max(wait, Self.waitMin), Self.waitMax)) } catch { return }
        }
    }

    /// Takes the turn, or answers how long it may take until then.
    private func wait(of ticket: Int, _ origin: String) -> Duration? {
        let now = now()
        return state.withLock { state in
            guard let source = state.sources[origin], let rate = source.rates.values.min(), rate.isFinite,
                let place = source.waiting.firstIndex(of: ticket)
            else { return nil }
            let interval = Duration.seconds(1 / rate)
            let due = source.due ?? now
            guard place == 0, due <= now else { return due + interval * place - now }
            // One that comes a little late does not slow down all that follow.
            state.sources[origin]?.due = (now - due < interval ? due : now) + interval
            state.sources[origin]?.waiting.removeFirst()
            return nil
        }
    }
}

/// What one export asks before each page.
package struct PagePacer: Sendable {
    fileprivate let pacers: SourcePacers
    fileprivate let origin: String
    fileprivate let number: Int

    /// Waits until it is the caller's turn; one that is cancelled goes at once, its transfer will not begin.
    package func turn() async { await pacers.turn(origin) }

    /// The export asks for no more pages.
    package func leave() { pacers.leave(origin, number) }
}
