import Database
import Synchronization

/// What callers ask for, inside their own transactions.
extension JobEngine {
    func submit(_ job: NewJob, in transaction: any Transaction) throws -> JobSubmission {
        let now = clock.now()
        let submission = try JobStore(transaction).submit(job, now: now)
        guard !submission.isExisting else { return submission }
        transaction.afterCommit { [dispatchAlarm] in
            if let runAt = job.runAt, runAt > now { dispatchAlarm.set(runAt) } else { dispatchAlarm.ring() }
        }
        return submission
    }

    func cancel(_ id: JobID, in transaction: any Transaction) throws -> CancelResult {
        let now = clock.now()
        let result = try JobStore(transaction).cancel(id, now: now, ended: ended)
        switch result {
        case .cancelled:
            transaction.afterCommit {
                self.watchers.publish(.state(.cancelled), of: id)
                self.dispatchAlarm.ring()
            }
        case .cancelling:
            let graceEndsAt = now + configuration.cancelGrace
            transaction.afterCommit {
                self.watchers.publish(.state(.cancelling), of: id)
                self.stop(id, .cancelled, graceEndsAt: graceEndsAt)
            }
        case .alreadyEnded, .unknown:
            break
        }
        return result
    }

    private func stop(_ id: JobID, _ reason: StopReason, graceEndsAt: JobTime) {
        let action = state.withLock { $0.live.requestStop(id, reason, graceEndsAt: graceEndsAt) }
        guard case .stop(let stop) = action else { return }
        stop.throw()
        superviseAlarm.set(graceEndsAt)
    }

    /// The stream is connected after the commit of an empty write: on the thread, and in the order, in which every
    /// change of state is published.
    func events(of id: JobID) async throws -> JobEvents {
        let (stream, continuation) = try watchers.open()
        try await database.write { transaction in
            let store = JobStore(transaction)
            guard let state = try store.state(of: id) else { throw JobError.unknownJob(id) }
            let progress = try self.progress.progress(of: id) ?? store.progress(of: id)
            transaction.afterCommit {
                self.watchers.connect(continuation, to: id, state: state, progress: progress)
            }
        }
        return stream
    }
}
