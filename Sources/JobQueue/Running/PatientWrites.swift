package import Database
import Logging

/// Writes that must not be given up because the disk is full or the store busy for a while.
struct PatientWrites: Sendable {
    /// The wait before the same write is tried again.
    static let interval = Duration.seconds(1)

    let database: any Database
    let clock: JobClock
    let logger: Logger

    /// Tries until the store takes the write. Throws when it never will, and when the task is cancelled meanwhile.
    func write<T: Sendable>(
        _ what: String, _ body: @escaping @Sendable (any Transaction) throws -> T
    ) async throws -> T {
        while true {
            do {
                return try await database.write(body)
            } catch let error as DatabaseError where error.isTransient && !Task.isCancelled {
                logger.warning("\(what) not stored yet", metadata: ["error": "\(error)"])
                // A wait cut short is not why the write was not stored: callers look at the store's own error.
                guard (try? await clock.sleep(clock.now() + Self.interval)) != nil else { throw error }
            }
        }
    }
}

extension DatabaseError {
    /// The same write can succeed later.
    package var isTransient: Bool {
        switch kind {
        case .busy, .overloaded, .nearlyFull, .full, .rolledBack, .conflict, .unreachable: true
        // Done twice it changes nothing: the fence has moved on.
        case .outcomeUnknown: true
        default: false
        }
    }

    /// No write will succeed in this process.
    package var isFatal: Bool {
        switch kind {
        case .io, .corrupt, .closed: true
        default: false
        }
    }
}
