import Synchronization

/// The newest progress of every execution, and which of it is not stored yet.
final class ProgressBoard: Sendable {
    private struct Entry {
        let fence: JobFence
        var progress: JobProgress
        var isDirty: Bool
        var isLasting: Bool

        func update(_ id: JobID) -> ProgressUpdate {
            ProgressUpdate(id: id, fence: fence, progress: progress, isLasting: isLasting)
        }
    }

    private struct State {
        var entries: [JobID: Entry] = [:]
        var dirtyCount = 0
    }

    private let state = Mutex(State())

    /// - Returns: True when nothing was waiting to be stored before.
    func report(_ progress: JobProgress, of id: JobID, fence: JobFence, isLasting: Bool) -> Bool {
        state.withLock { state in
            if let newer = state.entries[id]?.fence, newer > fence { return false }
            let wasClean = state.dirtyCount == 0
            let old = state.entries[id]
            if old?.isDirty != true { state.dirtyCount += 1 }
            let wasLasting = old.map { $0.isDirty && $0.isLasting && $0.fence == fence } ?? false
            state.entries[id] = Entry(
                fence: fence, progress: progress, isDirty: true, isLasting: isLasting || wasLasting)
            return wasClean
        }
    }

    func progress(of id: JobID) -> JobProgress? {
        state.withLock { $0.entries[id]?.progress }
    }

    /// What is to be stored; afterwards nothing is.
    func takeDirty() -> [ProgressUpdate] {
        state.withLock { state in
            guard state.dirtyCount > 0 else { return [] }
            state.dirtyCount = 0
            var updates: [ProgressUpdate] = []
            for (id, entry) in state.entries where entry.isDirty {
                updates.append(entry.update(id))
                state.entries[id]?.isDirty = false
            }
            return updates
        }
    }

    /// The last progress of executions, where it is not stored yet.
    func unstored(of jobs: [ClaimedJob]) -> [ProgressUpdate] {
        state.withLock { state in
            guard state.dirtyCount > 0 else { return [] }
            return jobs.compactMap { job in
                guard let entry = state.entries[job.id], entry.isDirty, entry.fence == job.fence else { return nil }
                return entry.update(job.id)
            }
        }
    }

    func remove(_ id: JobID, fence: JobFence) {
        state.withLock { state in
            guard state.entries[id]?.fence == fence else { return }
            if state.entries.removeValue(forKey: id)?.isDirty == true { state.dirtyCount -= 1 }
        }
    }
}
