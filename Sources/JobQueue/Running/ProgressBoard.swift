import Synchronization

/// The newest progress of every execution, and which of it is not stored yet.
final class ProgressBoard: Sendable {
    private struct Entry {
        let fence: JobFence
        var progress: JobProgress
        var isDirty: Bool
    }

    private struct State {
        var entries: [JobID: Entry] = [:]
        var dirtyCount = 0
    }

    private let state = Mutex(State())

    /// - Returns: True when nothing was waiting to be stored before.
    func report(_ progress: JobProgress, of id: JobID, fence: JobFence) -> Bool {
        state.withLock { state in
            if let newer = state.entries[id]?.fence, newer > fence { return false }
            let wasClean = state.dirtyCount == 0
            if state.entries[id]?.isDirty != true { state.dirtyCount += 1 }
            state.entries[id] = Entry(fence: fence, progress: progress, isDirty: true)
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
                updates.append(ProgressUpdate(id: id, fence: entry.fence, progress: entry.progress))
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
                return ProgressUpdate(id: job.id, fence: job.fence, progress: entry.progress)
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
