import Database
import Logging
import Synchronization

/// One execution from its claim to its record.
extension JobEngine {
    /// The outcome as it is, and that its writes failed: after so many failures the service is not told any more.
    private static let failuresWithHooks = 2

    func execute(_ job: ClaimedJob) async throws {
        guard let stop = state.withLock({ $0.live[job]?.stop }), let handler = handlers[job.kind] else { return }
        let result = stop.isThrown ? nil : await perform(job, by: handler, until: stop)
        let reason = state.withLock { $0.live[job]?.stopReason }
        try await record(report(result, stopReason: reason, job: job), of: job)
    }

    /// Runs the handler in a child task that is cancelled when the switch is thrown, and waits for its real end.
    private func perform(
        _ job: ClaimedJob, by handler: any JobHandler, until stop: StopSwitch
    ) async -> Result<JobOutcome, any Error>? {
        let running = runningJob(job)
        return await withTaskGroup(of: Result<JobOutcome, any Error>?.self) { group in
            group.addTask {
                do { return .success(try await handler.run(running)) } catch { return .failure(error) }
            }
            group.addTask {
                await stop.wait()
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            if let first { return first }
            return await group.next() ?? nil
        }
    }

    private func runningJob(_ job: ClaimedJob) -> RunningJob {
        let services = RunningJob.Services(
            report: { [self] progress, isLasting in
                let isFirst = self.progress.report(progress, of: job.id, fence: job.fence, isLasting: isLasting)
                if isFirst { progressAlarm.set(clock.now() + configuration.progressInterval) }
                watchers.publish(.progress(progress), of: job.id)
            },
            database: database)
        return RunningJob(
            id: job.id, fence: job.fence, attempt: job.attempt, rescues: job.rescues, parameters: job.parameters,
            services: services)
    }

    /// What the end of the handler means, given why it may have been asked to stop.
    private func report(
        _ result: Result<JobOutcome, any Error>?, stopReason: StopReason?, job: ClaimedJob
    ) -> ExecutionReport {
        switch (result, stopReason) {
        case (.success(.retry), .shutdown), (.failure, .shutdown), (.failure, .cancelled), (.failure, .lost),
            (nil, _):
            .stopped
        case (.success(let outcome), _):
            .outcome(outcome)
        case (.failure, .deadline):
            .outcome(.retry(reason: "the attempt took longer than \(job.deadline ?? .zero)"))
        case (.failure(let error), nil):
            // The task of `run` itself was cancelled.
            Task.isCancelled ? .stopped : .outcome(.retry(reason: "\(error)"))
        }
    }

    /// Writes the end until the store takes it: losing an outcome would repeat the work.
    private func record(_ report: ExecutionReport, of job: ClaimedJob) async throws {
        var finish = Finish(job: job, report: report, now: clock.now(), random: random())
        switch await finishes.write(finish, by: { await write($0) }) {
        case .written: return
        case .failed(let error): throw error
        case .alone: break
        }
        var failures = 0
        while true {
            do {
                let body = writing([finish], withHooks: failures < Self.failuresWithHooks)
                try await patient.write("the outcome of job \(job.id)", body)
                return
            } catch let error as DatabaseError where error.isFatal || error.isTransient {
                // A transient one arrives here only when the task was cancelled: the next start rescues the job.
                throw error
            } catch {
                // The service's own writes failed. The job fails with them; if that fails too, without them.
                logger.error("writes of a handler failed", metadata: ["job": "\(job.id)", "error": "\(error)"])
                failures += 1
                guard failures <= Self.failuresWithHooks else { throw error }
                let reason = "recording the outcome failed: \(error)"
                finish = Finish(job: job, report: .outcome(.failed(reason: reason)), now: finish.now, random: 0)
            }
        }
    }

    /// A batch is tried once: whatever is wrong with one of its ends, the others must not wait for it.
    private func write(_ finishes: [Finish]) async -> FinishBoard.Answer {
        do {
            try await database.write(writing(finishes, withHooks: true))
            return .written
        } catch let error as DatabaseError where error.isFatal {
            return .failed(error)
        } catch {
            return .alone
        }
    }

    private func writing(
        _ finishes: [Finish], withHooks: Bool
    ) -> @Sendable (any Transaction) throws -> Void {
        { transaction in
            let store = self.store(in: transaction)
            let now = self.clock.now(in: transaction)
            try store.store(self.progress.unstored(of: finishes.map(\.job)), now: now)
            let timed = finishes.map { finish in
                var finish = finish
                finish.now = now
                return finish
            }
            let results = try store.finish(timed) { job, transaction in
                if withHooks { try self.ended(job, in: transaction) }
            }
            transaction.afterCommit {
                for (finish, result) in zip(timed, results) { self.executionEnded(finish.job, result) }
            }
        }
    }

    private func executionEnded(_ job: ClaimedJob, _ result: FinishResult) {
        let running = state.withLock { state in
            state.live.remove(job)
            return state.live.count
        }
        metrics.running(running)
        progress.remove(job.id, fence: job.fence)
        if case .moved(let state, let dueAt) = result {
            metrics.executionEnded(kind: job.kind, state: state)
            publish(state, of: job.id)
            if state == .scheduled { dispatchAlarm.set(dueAt) }
        }
        dispatchAlarm.ring()
    }
}
