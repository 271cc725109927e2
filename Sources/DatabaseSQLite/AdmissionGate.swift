import BlockingThreads
import Database
import Foundation
import Synchronization

/// Whether the store takes writes: its failure, and the space left on its disk.
final class AdmissionGate: Sendable {
    private struct State {
        var failure: DatabaseError?
        var isClosed = false
        var refusal: DatabaseError?
        var checkedAt: ContinuousClock.Instant?
    }

    /// Looking at the disk costs a system call; its answer is good for this long.
    private static let checkInterval = Duration.milliseconds(250)

    private let directory: String
    private let freeBytesMin: UInt64
    private let reserve: LogReserve
    private let state = Mutex(State())

    /// The store has failed or was closed.
    let ended = Occurrence()

    init(path: String, options: SQLiteOptions) {
        directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
        freeBytesMin = options.freeBytesMin
        reserve = LogReserve(store: path, options: options)
    }

    /// Set once and for ever: after an I/O error on commit nothing may be acknowledged.
    var failure: DatabaseError? { state.withLock { $0.failure } }

    func fail(_ reason: String) {
        state.withLock { $0.failure = $0.failure ?? DatabaseError(.io, reason) }
        ended.occur()
    }

    func close() {
        state.withLock { $0.isClosed = true }
        ended.occur()
    }

    /// The error for new work while the disk is nearly full.
    func refusalOfNewWork() -> DatabaseError? {
        guard freeBytesMin > 0 else { return nil }
        return state.withLock { state in
            let now = ContinuousClock.now
            if let checkedAt = state.checkedAt, now - checkedAt < Self.checkInterval { return state.refusal }
            state.checkedAt = now
            state.refusal = measure()
            return state.refusal
        }
    }

    var health: DatabaseHealth {
        let refusal = refusalOfNewWork()
        return state.withLock { state in
            if state.isClosed { return .closed }
            if let failure = state.failure { return .failed(reason: failure.message) }
            if let refusal { return .nearlyFull(reason: refusal.message) }
            return .ready
        }
    }

    private func measure() -> DatabaseError? {
        var status = statvfs()
        guard statvfs(directory, &status) == 0 else { return nil }
        let free = UInt64(status.f_bavail) * UInt64(status.f_frsize)
        guard free < freeBytesMin else {
            reserve.keep()
            return nil
        }
        return DatabaseError(
            .nearlyFull,
            "expected at least \(freeBytesMin) free bytes in \(directory), found \(free): new work is refused")
    }
}
