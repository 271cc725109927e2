import TestSupport

@testable import JobQueue

/// What callers, a schedule and retention do.
extension JobSimulation {
    static let schedule = "tick"
    static let limits = [
        JobLimit(key: "one at a time", runningMax: 1), JobLimit(key: "two a window", startsMax: 2, per: .seconds(20)),
    ]

    mutating func submit() throws {
        var job = anyJob()
        do {
            while job.uniquePolicy == .replace, let holder = try store.holder(of: job.uniqueKey, kind: job.kind) {
                try cancel(holder)
                job.predecessor = holder
            }
            try answer(store.submit(job, now: now).id)
        } catch JobError.dependencyEnded, JobError.uniqueKeyTaken {
            // A refusal promises nothing.
        } catch JobError.unknownJob(let id) where ends[id] != nil {
            // It was removed long after its end.
        }
    }

    private mutating func anyJob() -> NewJob {
        let keys = (0..<Int.random(in: 0...2, using: &random)).map { _ in "key \(Int.random(in: 0..<3, using: &random))"
        }
        let rescue: RescuePolicy = [.resume, .rerun, .fail("no")].randomElement(using: &random) ?? .rerun
        var job = NewJob(
            kind: "work", priority: Int.random(in: 0..<3, using: &random),
            runAt: random.chance(percent: 20) ? now + .seconds(5) : nil, exclusiveKeys: keys,
            retry: RetryPolicy(attemptsMax: Int.random(in: 1...3, using: &random)), rescue: rescue,
            predecessor: random.chance(percent: 15) ? acknowledged.min() : nil)
        if random.chance(percent: 25) {
            job.uniqueKey = "unique \(Int.random(in: 0..<3, using: &random))"
            job.uniquePolicy = UniquePolicy.allCases.randomElement(using: &random) ?? .returnExisting
        }
        if random.chance(percent: 20) {
            job.dependencies = Array(acknowledged.sorted().shuffled(using: &random).prefix(2))
        }
        if random.chance(percent: 25) { job.limit = Self.limits.randomElement(using: &random) }
        return job
    }

    /// Now and then the answer is lost: the job may be there, nobody relies on it.
    private mutating func answer(_ id: JobID) { if !random.chance(percent: 10) { acknowledged.insert(id) } }

    mutating func cancel() throws {
        if let id = acknowledged.sorted().randomElement(using: &random) { try cancel(id) }
    }

    private mutating func cancel(_ id: JobID) throws {
        switch try store.cancel(id, now: now, ended: ended) {
        case .cancelled, .cancelling: cancelled.insert(id)
        case .alreadyEnded: break
        case .unknown where ends[id] != nil: break
        case .unknown: throw violation("job \(id) was acknowledged and is unknown")
        }
    }

    mutating func redrive() throws {
        for id in try store.redrivable(JobFilter(), limit: 2).ids {
            try answer(store.submit(store.resubmission(of: id), now: now).id)
        }
    }

    mutating func putSchedule() throws {
        var job = NewJob(kind: "work", rescue: .resume)
        job.limit = Self.limits[0]
        let missed = JobSchedule.MissedRuns.allCases.randomElement(using: &random) ?? .once
        try store.put(JobSchedule(name: Self.schedule, every: .seconds(600), missed: missed, job: job), now: now)
    }

    mutating func sweep() throws {
        try checkJobs()
        var retention = JobRetention()
        (retention.succeeded, retention.cancelled, retention.failed) = (.seconds(600), .seconds(600), .seconds(900))
        sweptBefore = max(sweptBefore ?? now, now - .seconds(600))
        _ = try store.sweep(SweepCutoffs(retention, now: now), rowsMax: Int.random(in: 1...40, using: &random))
    }
}
