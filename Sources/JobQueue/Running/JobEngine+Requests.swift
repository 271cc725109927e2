import Database
import Synchronization

/// What callers ask for, inside their own transactions.
extension JobEngine {
    func submit(_ job: NewJob, in transaction: any Transaction) throws -> JobSubmission {
        let now = clock.now(in: transaction)
        var job = job
        if job.uniquePolicy == .replace {
            // Those that stand in line first, at last the one that may be running.
            while let holder = try JobStore(transaction).holder(of: job.uniqueKey, kind: job.kind) {
                _ = try cancel(holder, in: transaction)
                job.predecessor = holder
            }
        }
        let submission = try JobStore(transaction).submit(job, now: now)
        guard !submission.isExisting else { return submission }
        transaction.afterCommit { [job] in
            if let runAt = job.runAt, runAt > now {
                self.dispatchAlarm.set(runAt)
            } else {
                self.dispatchAlarm.ring()
                if self.isShared { self.announcer.say(.ready(job.queue)) }
            }
        }
        return submission
    }

    func wake(_ id: JobID, in transaction: any Transaction) throws {
        guard let queue = try JobStore(transaction).bringForward(id, to: clock.now(in: transaction)) else { return }
        ringAfterCommit(queue, in: transaction)
    }

    func cancel(_ id: JobID, in transaction: any Transaction) throws -> CancelResult {
        let now = clock.now(in: transaction)
        let store = store(in: transaction)
        let result = try store.cancel(id, now: now, ended: ended)
        switch result {
        case .cancelled:
            transaction.afterCommit {
                self.publish(.cancelled, of: id)
                self.dispatchAlarm.ring()
            }
        case .cancelling:
            let graceEndsAt = now + configuration.cancelGrace
            let fence = isShared ? try store.row(of: id)?.machine.fence : nil
            transaction.afterCommit {
                self.publish(.cancelling, of: id)
                self.stop(id, .cancelled, graceEndsAt: graceEndsAt)
                if let fence { self.announcer.say(.cancelled(id, fence)) }
            }
        case .alreadyEnded, .unknown:
            break
        }
        return result
    }

    func stop(_ id: JobID, _ reason: StopReason, graceEndsAt: JobTime) {
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
            guard let state = try store.row(of: id)?.machine.state else { throw JobError.unknownJob(id) }
            let progress = try self.progress.progress(of: id) ?? store.progress(of: id)
            // The row is locked: what follows in its life is not in this snapshot.
            let snapshot = self.isShared ? try store.snapshot() : nil
            transaction.afterCommit {
                self.watchers.connect(
                    continuation, to: id, state: state, progress: progress, unseenBy: snapshot)
                if let snapshot { self.tail.begin(at: snapshot) }
            }
        }
        return stream
    }

    /// Jobs of a queue may start that could not before.
    func ringAfterCommit(_ queue: String, in transaction: any Transaction) {
        transaction.afterCommit {
            self.forgetCap(of: queue)
            self.dispatchAlarm.ring()
            if self.isShared { self.announcer.say(.ready(queue)) }
        }
    }

    /// Tells the kind's handler that another job stands for one that has ended.
    func resubmitted(_ old: JobID, as new: JobID, in transaction: any Transaction) throws {
        guard let kind = try JobStore(transaction).row(of: new)?.kind else { return }
        try handlers[kind]?.resubmitted(old, as: new, in: transaction)
    }
}
