import Database
import Logging
import Synchronization

/// Something the other processes on a store should look at.
enum AnnouncedWord: Hashable, Sendable {
    /// A queue has jobs that are ready.
    case ready(String)
    /// The execution with this fence is to be stopped: its job was cancelled.
    case cancelled(JobID, JobFence)
    /// There are new events.
    case events

    var text: String {
        switch self {
        case .ready(let queue): "ready \(queue)"
        case .cancelled(let id, let fence): "cancelled \(id) \(fence.rawValue)"
        case .events: "events"
        }
    }

    init?(_ text: Substring) {
        let parts = text.split(separator: " ", maxSplits: 1)
        switch parts.first {
        case "ready" where parts.count == 2: self = .ready(String(parts[1]))
        case "events": self = .events
        case "cancelled" where parts.count == 2:
            let numbers = parts[1].split(separator: " ").compactMap { Int64($0) }
            guard numbers.count == 2 else { return nil }
            self = .cancelled(JobID(rawValue: numbers[0]), JobFence(rawValue: numbers[1]))
        default: return nil
        }
    }
}

/// Tells the other processes on a store what they should look at: never later than they would find it by themselves,
/// and gathered, because the server lets one transaction after the other announce.
final class Announcer: Sendable {
    static let channel = "pailou_jobs"
    /// Between two announcements of a process.
    static let interval = Duration.milliseconds(50)
    /// Octets of one announcement; the server takes 7,999.
    private static let bytesMax = 4_000

    private let clock: JobClock
    private let logger: Logger
    private let alarm: Alarm
    private let words = Mutex<Set<AnnouncedWord>>([])

    init(clock: JobClock, logger: Logger) {
        self.clock = clock
        self.logger = logger
        alarm = Alarm(clock: clock)
    }

    /// Says it soon. What was said is not said again before that.
    func say(_ word: AnnouncedWord) {
        if words.withLock({ $0.insert(word).inserted }) { alarm.ring() }
    }

    /// Announces until cancelled. Announcements that fail are lost, which costs the others time and nothing else.
    func run(on database: any Database, as worker: @escaping @Sendable () -> String?) async throws {
        // One line for a row of failures, not one for each.
        var isHeard = true
        while !Task.isCancelled {
            await alarm.wait()
            let said = words.withLock { words in
                defer { words = [] }
                return words
            }
            guard !said.isEmpty, let worker = worker() else { continue }
            let texts = Self.texts(said, worker: worker)
            do {
                try await database.write { transaction in
                    for text in texts {
                        // Services that share a database have a schema each, and hear only their own.
                        _ = try transaction.query(
                            """
                            SELECT pg_notify(\(Self.channel)::text
                                || coalesce('_' || nullif(current_setting('pailou.schema', true), ''), ''), \(text))::text
                            """)
                    }
                }
                isHeard = true
            } catch {
                if isHeard {
                    logger.warning("other processes are not told of changes", metadata: ["error": "\(error)"])
                }
                isHeard = false
            }
            try? await clock.sleep(clock.now() + Self.interval)
        }
    }

    /// What was heard, unless it was our own.
    static func words(in text: String, except worker: String?) -> [AnnouncedWord] {
        let lines = text.split(separator: "\n")
        guard let speaker = lines.first, String(speaker) != worker else { return [] }
        return lines.dropFirst().compactMap(AnnouncedWord.init)
    }

    private static func texts(_ words: Set<AnnouncedWord>, worker: String) -> [String] {
        var texts = [worker]
        for word in words {
            if texts[texts.count - 1].utf8.count + word.text.utf8.count >= bytesMax { texts.append(worker) }
            texts[texts.count - 1] += "\n" + word.text
        }
        return texts
    }
}
