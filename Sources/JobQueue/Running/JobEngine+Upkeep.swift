import Database
import Logging
import Synchronization

/// The loops that are not about starting jobs.
extension JobEngine {
    /// Obeys deadlines and graces.
    func supervise() async throws {
        while !Task.isCancelled {
            await superviseAlarm.wait()
            let now = clock.now()
            let (actions, nextTick) = state.withLock { ($0.live.tick(now: now), $0.live.nextTick) }
            for action in actions {
                switch action {
                case .stop(let stop): stop.throw()
                case .withdraw(let id, let fence): try await withdraw(id, fence: fence)
                }
            }
            superviseAlarm.set(nextTick)
        }
    }

    private func withdraw(_ id: JobID, fence: JobFence) async throws {
        try await patient.write("the end of job \(id)") { transaction in
            let now = self.clock.now(in: transaction)
            let state = try self.store(in: transaction).withdraw(id, fence: fence, now: now, ended: self.ended)
            guard let state else { return }
            transaction.afterCommit { self.publish(state, of: id) }
        }
        logger.warning("took a job from an execution that does not end", metadata: ["job": "\(id)"])
    }

    /// Writes the progress of all executions together, 500 ms after the first of it.
    func storeProgress() async throws {
        while !Task.isCancelled {
            await progressAlarm.wait()
            try await flushProgress()
        }
    }

    func flushProgress() async throws {
        let updates = progress.takeDirty()
        guard !updates.isEmpty else { return }
        do {
            try await database.write { transaction in
                try JobStore(transaction).store(updates, now: self.clock.now(in: transaction))
                if self.isShared { transaction.afterCommit { self.announcer.say(.events) } }
            }
        } catch let error as DatabaseError where error.isTransient {
            // It was newer than what is stored, but not the last there is to say.
            logger.warning("progress not stored", metadata: ["error": "\(error)"])
        }
    }

    /// Removes what is past its retention, in batches between which other writes have their turn.
    func sweep() async throws {
        while !Task.isCancelled {
            let now = clock.now()
            let cutoffs = SweepCutoffs(configuration.retention, now: now)
            let rowsMax = configuration.retention.rowsMax
            while !Task.isCancelled {
                guard !isShared || state.withLock({ $0.term != nil }) else { break }
                let removed = try await patient.write("retention") { transaction in
                    try JobStore(transaction).sweep(cutoffs, rowsMax: rowsMax)
                }
                if removed == 0 { break }
            }
            try? await clock.sleep(now + configuration.retention.interval)
        }
    }
}
