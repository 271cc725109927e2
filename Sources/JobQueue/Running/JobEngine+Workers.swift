import Database
import Foundation
import Logging
import Synchronization

/// What a process does because others share its store: it says that it lives, hears the others, and decides over the
/// dead when it leads.
extension JobEngine {
    /// Runs until cancelled; returns at once where there are no others.
    func workWithOthers() async throws {
        guard isShared else { return }
        let listener = database.listen(on: Announcer.channel) { [weak self] in self?.hear($0) }
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.announcer.run(on: self.database) { self.worker } }
                group.addTask { try await self.tail.run(self.database) { self.publishStored($0) } }
                group.addTask { await self.keepAlive() }
                group.addTask { await self.lead() }
                try await group.waitForAll()
            }
        } catch {
            await listener?.close()
            throw error
        }
        await listener?.close()
    }

    /// Since when a process has to be heard of to count as living.
    func livingSince(_ now: JobTime) -> JobTime { now - configuration.workers.deadAfter }

    /// The name under which jobs are claimed; nil where there is only one process.
    var worker: String? { state.withLock { $0.worker } }

    func register() async throws {
        guard isShared else { return }
        let worker = UUID().uuidString.lowercased()
        try await patient.write("the name of this process") { transaction in
            self.clock.follow(transaction)
            try JobStore(transaction).register(worker, now: self.clock.now(in: transaction))
        }
        state.withLock { $0.worker = worker }
    }

    /// The others need not wait until this process counts as dead.
    func unregister() async {
        guard let worker else { return }
        _ = try? await database.write { try JobStore($0).unregister(worker) }
    }

    private func hear(_ announcement: Announcement) {
        guard case .heard(let text) = announcement else {
            // Anything may have been missed.
            forgetCap(of: nil)
            dispatchAlarm.ring()
            tail.ring()
            return
        }
        for word in Announcer.words(in: text, except: worker) {
            switch word {
            case .ready(let queue):
                guard configuration.queues.contains(where: { $0.name == queue }) else { continue }
                forgetCap(of: queue)
                dispatchAlarm.ring()
            case .cancelled(let id, let fence): stopCancelled(id, fence: fence)
            case .events: tail.ring()
            }
        }
    }

    private func stopCancelled(_ id: JobID, fence: JobFence?) {
        let entry = state.withLock { $0.live[id] }
        guard let entry, fence == nil || entry.job.fence == fence else { return }
        stop(id, .cancelled, graceEndsAt: clock.now() + configuration.cancelGrace)
    }

    /// The heartbeat. While the store cannot be reached the process may be taken for dead, which it learns here.
    private func keepAlive() async {
        while !Task.isCancelled {
            try? await clock.sleep(clock.now() + configuration.workers.heartbeatInterval)
            if Task.isCancelled { return }
            do {
                try await beat()
            } catch {
                logger.warning("no heartbeat", metadata: ["error": "\(error)"])
            }
        }
    }

    private func beat() async throws {
        guard let worker else { return }
        let heartbeat = try await database.write { transaction in
            self.clock.follow(transaction)
            let now = self.clock.now(in: transaction)
            let beat = try JobStore(transaction).heartbeat(of: worker, now: now, livingSince: self.livingSince(now))
            // On the thread that registers executions: what it does not know was registered before or lost since.
            transaction.afterCommit { self.obey(beat) }
            return beat
        }
        try await giveBack(state.withLock { $0.live.unknown(of: heartbeat.executing) })
        if heartbeat.isKnown { return }
        logger.warning("this process was taken for dead; its jobs are run again by others")
        try await register()
        dispatchAlarm.ring()
    }

    /// Claims whose commit was not answered: the store says we execute them, and nobody here does.
    private func giveBack(_ orphans: [ClaimedJob.Execution]) async throws {
        for orphan in orphans {
            try await database.write { transaction in
                let now = self.clock.now(in: transaction)
                try self.store(in: transaction).giveBack(orphan, now: now, ended: self.ended)
                transaction.afterCommit { self.dispatchAlarm.ring() }
            }
        }
    }

    private func obey(_ heartbeat: Heartbeat) {
        // The word of a new cap may have been lost with whoever wanted to say it.
        forgetCap(of: nil)
        dispatchAlarm.ring()
        let lost = state.withLock { $0.live.requestStopOfLost(knowing: heartbeat.executing) }
        for case .stop(let stop) in lost { stop.throw() }
        for id in heartbeat.cancelling { stopCancelled(id, fence: heartbeat.executing[id]) }
    }

    /// Leads when nobody else does, and decides over jobs of dead processes while it does.
    private func lead() async {
        while !Task.isCancelled {
            do {
                if let term = try await takeLead() { try await decide(term: term) }
            } catch {
                logger.warning("nobody may be leading", metadata: ["error": "\(error)"])
            }
            let pause = configuration.workers.leaderInterval * (0.9 + random() / 5)
            try? await clock.sleep(clock.now() + pause)
        }
    }

    private func takeLead() async throws -> Int? {
        guard let worker else { return nil }
        let term = try await database.write { transaction in
            let now = self.clock.now(in: transaction)
            return try JobStore(transaction).lead(
                as: worker, now: now, until: now + self.configuration.workers.deadAfter)
        }
        let last = state.withLock { state in
            defer { state.term = term }
            return state.term
        }
        if let term, term != last { logger.info("leading the processes on this store", metadata: ["term": "\(term)"]) }
        return term
    }

    private func decide(term: Int) async throws {
        try await rescueAll(term: term)
        try await database.write { transaction in
            guard try JobStore(transaction).isLeading(term: term) else { return }
            try JobStore(transaction).removeDeadWorkers(livingSince: self.livingSince(self.clock.now(in: transaction)))
        }
    }

    /// What another process wrote down. Progress of our own executions is newer in memory.
    private func publishStored(_ stored: StoredEvent) {
        if case .progress = stored.event, state.withLock({ $0.live[stored.job] }) != nil { return }
        watchers.publish(stored.event, of: stored.job, at: stored.position)
    }
}
