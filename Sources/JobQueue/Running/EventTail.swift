import Database
import Logging
import Synchronization

/// Follows what all processes on a store write down about jobs, for as long as somebody here watches.
final class EventTail: Sendable {
    /// Between two looks while somebody watches, beside those that are announced: an event stays hidden as long as an
    /// older transaction runs.
    private static let interval = Duration.milliseconds(250)
    private static let batchMax = 1_000

    private let clock: JobClock
    private let watchers: WatcherBoard
    private let logger: Logger
    private let alarm: Alarm
    private let cursor = Mutex(TailCursor())

    init(clock: JobClock, watchers: WatcherBoard, logger: Logger) {
        self.clock = clock
        self.watchers = watchers
        self.logger = logger
        alarm = Alarm(clock: clock)
    }

    func ring() { if watchers.count > 0 { alarm.ring() } }

    /// Somebody watches from this moment on: everything it has not seen is to be read.
    func begin(at snapshot: TransactionSnapshot) {
        cursor.withLock { $0.begin(at: EventPosition(transaction: snapshot.oldestRunning, number: 0)) }
        alarm.ring()
    }

    func run(_ database: any Database, _ publish: @escaping @Sendable (StoredEvent) -> Void) async throws {
        var isFailing = false
        while !Task.isCancelled {
            await alarm.wait()
            guard let position = position() else { continue }
            do {
                let events = try await database.read { try JobStore($0).events(after: position, limit: Self.batchMax) }
                isFailing = false
                for event in events { publish(event) }
                if let last = events.last { cursor.withLock { $0.advance(to: last.position) } }
                if events.count == Self.batchMax { alarm.ring() } else { alarm.set(clock.now() + Self.interval) }
            } catch {
                // A store that cannot be reached is asked again; it is said once.
                if !isFailing, !Task.isCancelled {
                    logger.warning("events of other processes not read yet", metadata: ["error": "\(error)"])
                }
                isFailing = true
                alarm.set(clock.now() + Self.interval)
            }
        }
    }

    /// nil, and forgotten, when nobody watches any more.
    private func position() -> EventPosition? {
        cursor.withLock { cursor in
            if watchers.count == 0 { cursor = TailCursor() }
            return cursor.take()
        }
    }
}

/// Up to where the events of a store have been read for those who watch here.
///
/// A watcher is connected after the snapshot it begins at: what others ended in between may have been read already, so
/// each watcher takes the cursor back to its own beginning. Watchers that came earlier pass over what they know.
struct TailCursor {
    /// nil while nobody watches.
    private var position: EventPosition?
    /// The earliest beginning since the last look.
    private var begun: EventPosition?

    mutating func begin(at start: EventPosition) {
        position = min(position ?? start, start)
        begun = min(begun ?? start, start)
    }

    /// Where to look from.
    mutating func take() -> EventPosition? {
        begun = nil
        return position
    }

    /// All up to here was published to those who had been connected before the look.
    mutating func advance(to last: EventPosition) { position = min(last, begun ?? last) }
}
