import Database
import Synchronization

/// Follows what all processes on a store write down about jobs, for as long as somebody here watches.
final class EventTail: Sendable {
    private struct State {
        /// nil while nobody watches.
        var position: EventPosition?
    }

    /// Between two looks while somebody watches, beside those that are announced: an event stays hidden as long as an
    /// older transaction runs.
    private static let interval = Duration.milliseconds(250)
    private static let batchMax = 1_000

    private let clock: JobClock
    private let watchers: WatcherBoard
    private let alarm: Alarm
    private let state = Mutex(State())

    init(clock: JobClock, watchers: WatcherBoard) {
        self.clock = clock
        self.watchers = watchers
        alarm = Alarm(clock: clock)
    }

    func ring() { if watchers.count > 0 { alarm.ring() } }

    /// Somebody watches from this moment on: everything it has not seen is to be read.
    func begin(at snapshot: TransactionSnapshot) {
        state.withLock { state in
            let position = EventPosition(transaction: snapshot.oldestRunning, number: 0)
            if state.position == nil { state.position = position }
        }
        alarm.ring()
    }

    func run(_ database: any Database, _ publish: @escaping @Sendable (StoredEvent) -> Void) async throws {
        while !Task.isCancelled {
            await alarm.wait()
            guard let position = position() else { continue }
            // A store that cannot be reached is asked again.
            let events = (try? await database.read { try JobStore($0).events(after: position, limit: Self.batchMax) })
            for event in events ?? [] { publish(event) }
            if let last = events?.last { state.withLock { $0.position = last.position } }
            if events?.count == Self.batchMax { alarm.ring() } else { alarm.set(clock.now() + Self.interval) }
        }
    }

    /// nil, and forgotten, when nobody watches any more.
    private func position() -> EventPosition? {
        state.withLock { state in
            if watchers.count == 0 { state.position = nil }
            return state.position
        }
    }
}
