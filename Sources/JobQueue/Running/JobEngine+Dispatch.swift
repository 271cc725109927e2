import Database
import Logging
import Synchronization

/// Claims jobs and starts their executions.
extension JobEngine {
    /// Returns when shutdown has begun and every execution has ended.
    func dispatch() async throws {
        let failure = FirstFailure(waking: dispatchAlarm)
        try await withThrowingDiscardingTaskGroup { group in
            dispatchAlarm.ring()
            while true {
                await dispatchAlarm.wait()
                if Task.isCancelled || state.withLock({ $0.isStopping }) { return }
                try failure.check()
                for job in try await claimOrWait() {
                    group.addTask { try await failure.watch { try await self.execute(job) } }
                }
            }
        }
    }

    /// Nothing is started while the store has no room; it is asked again a little later.
    private func claimOrWait() async throws -> [ClaimedJob] {
        do {
            return try await claim()
        } catch let error as DatabaseError where error.isTransient {
            logger.warning("no jobs started", metadata: ["error": "\(error)"])
            dispatchAlarm.set(clock.now() + PatientWrites.interval)
            return []
        }
    }

    private func claim() async throws -> [ClaimedJob] {
        let (queues, crowded) = claimableQueues()
        guard !queues.isEmpty else { return [] }
        let kinds = handlers.keys.sorted()
        let worker = worker
        if isShared { dispatchAlarm.set(clock.now() + configuration.pollInterval * (0.8 + random() * 0.4)) }
        let claimed = try await database.write { transaction in
            let store = self.store(in: transaction)
            let now = self.clock.now(in: transaction)
            let request = ClaimRequest(
                queues: queues, kinds: kinds, jobsMax: self.configuration.claimBatchMax,
                rescuesBeforeAlone: self.configuration.rescuesBeforeAlone, worker: worker,
                livingSince: self.livingSince(now), now: now)
            try store.promote(now: now)
            try store.fireSchedules(now: now)
            let began = ContinuousClock.now
            let claim = try store.claim(request)
            self.metrics.claimed(in: ContinuousClock.now - began)
            // Read behind the claim, which has locked what it takes from: an operator's newer word is not written over.
            let caps = crowded.isEmpty ? [:] : try store.caps(of: crowded)
            let nextDue = try store.nextDue()
            // Registered before any later operation's commit is known, so that a cancel finds the execution:
            //
            //     writer thread:  claim │ cancel      COMMIT   claim's action   cancel's action
            //                                                  registers        finds it, throws its switch
            transaction.afterCommit {
                self.state.withLock { $0.caps.merge(caps) { $1 } }
                self.register(claim.jobs, now: now)
                self.dispatchAlarm.set(nextDue)
            }
            return claim
        }
        if claimed.isCut { dispatchAlarm.ring() }
        return claimed.jobs
    }

    /// Queues that may have a slot for this process; and those of them that have none by its own settings, which a cap
    /// decided by an operator may exceed.
    private func claimableQueues() -> (queues: [QueueOptions], crowded: [QueueOptions]) {
        state.withLock { state in
            let crowded = configuration.queues.filter { state.live.count(in: $0.name) >= $0.concurrencyMax }
            let hopeless = crowded.filter { state.live.count(in: $0.name) >= state.caps[$0.name] ?? .max }
            let queues = configuration.queues.filter { !hopeless.contains($0) }
            return (queues, crowded.filter { !hopeless.contains($0) })
        }
    }

    /// Somebody may have changed the cap of a queue, or of any.
    func forgetCap(of queue: String?) {
        state.withLock { state in
            if let queue { state.caps[queue] = nil } else { state.caps = [:] }
        }
    }

    private func register(_ jobs: [ClaimedJob], now: JobTime) {
        guard !jobs.isEmpty else { return }
        let (nextTick, running) = state.withLock { state in
            for job in jobs {
                let stop = StopSwitch()
                state.live.add(job, stop: stop, now: now)
                guard state.isStopping else { continue }
                let graceEndsAt = now + configuration.shutdownGrace
                if state.live.requestStop(job.id, .shutdown, graceEndsAt: graceEndsAt) != nil { stop.throw() }
            }
            return (state.live.nextTick, state.live.count)
        }
        metrics.running(running)
        superviseAlarm.set(nextTick)
        for job in jobs { publish(.running, of: job.id) }
    }
}
