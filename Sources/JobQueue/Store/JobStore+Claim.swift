import Database

/// What a claim may take.
struct ClaimRequest: Sendable {
    let queues: [QueueOptions]
    /// Kinds this program has a handler for; others wait for a program that has.
    let kinds: [String]
    let jobsMax: Int
    let rescuesBeforeAlone: Int
    /// The process that claims, and since when it has to be heard of; nil where there is only one.
    var worker: String?
    var livingSince = JobTime(milliseconds: 0)
    let now: JobTime
}

/// What a claim took.
struct Claim: Sendable {
    var jobs: [ClaimedJob] = []
    /// There may be more for the slots that are left: claim again, in another transaction.
    var isCut = false
}

extension JobStore {
    /// Scheduled jobs made ready by one transaction, at most.
    private static let promotedMax = 1_000
    /// How often one claim looks at a queue whose first candidates are in each other's way, and at how many then.
    private static let looksMax = 4
    private static let lookWidth = 256

    /// Makes ready what is due.
    func promote(now: JobTime) throws {
        try change(
            """
            UPDATE jobs SET state = 'ready' WHERE id IN (
                SELECT id FROM jobs WHERE state = 'scheduled' AND due_at <= \(now) ORDER BY due_at
                LIMIT \(Self.promotedMax) \(transaction.dialect.forUpdateSkippingLocked(of: "jobs")))
            """)
    }

    /// When to look again, if anything is scheduled.
    func nextDue() throws -> JobTime? {
        let job: JobTime?? = try transaction.value("SELECT min(due_at) FROM jobs WHERE state = 'scheduled'")
        let schedule: JobTime?? = try transaction.value(
            "SELECT min(next_at) FROM job_schedules WHERE next_at IS NOT NULL")
        return [job ?? nil, schedule ?? nil].compactMap { $0 }.min()
    }

    /// Takes jobs by priority, due time and id, within the caps of their queues and the keys they want.
    ///
    ///     process 1   locks the queue ── counts executions ── takes the free slots ── commits
    ///     process 2   waits for the queue ····································· counts again, sees them all
    ///
    /// The cap is locked by a statement of its own: one that locked and counted at once would count what it saw before
    /// it had to wait.
    func claim(_ request: ClaimRequest) throws -> Claim {
        guard try hasReadyJobs(request) else { return Claim() }
        let served = try openQueues(request)
        if let alone = try suspect(in: served, request) { return Claim(jobs: alone) }
        var claim = Claim()
        for queue in served where claim.jobs.count < request.jobsMax {
            let running: Int =
                try transaction.value(
                    "SELECT count(*) FROM jobs WHERE queue = \(queue.name) AND executing IS NOT NULL") ?? 0
            // Never negative: a negative LIMIT means no limit.
            let free = min(queue.concurrencyMax - running, request.jobsMax - claim.jobs.count)
            if free > 0 { try fill(free, of: queue.name, request, in: &claim) }
        }
        claim.isCut = claim.isCut || claim.jobs.count == request.jobsMax
        return claim
    }

    /// Gives free slots to the first jobs that can have them.
    ///
    /// Candidates that are in each other's way are not found again: the keys and the share they wanted are taken by
    /// then. So those behind them get the slots, and do not wait for one after the other of them.
    private func fill(_ free: Int, of queue: String, _ request: ClaimRequest, in claim: inout Claim) throws {
        var (left, width) = (free, free)
        for _ in 0..<Self.looksMax {
            let found = try candidates(in: queue, request, limit: width)
            let taken = try take(left, of: found, now: request.now)
            try markClaimed(taken, request)
            claim.jobs += taken
            left -= taken.count
            if left == 0 || taken.count == found.count { return }
            width = Self.lookWidth
        }
        claim.isCut = true
    }

    /// Looks without locking anything, and refuses a process that others take for dead.
    private func hasReadyJobs(_ request: ClaimRequest) throws -> Bool {
        let found = try transaction.queryOne(
            "SELECT 1 FROM jobs WHERE state = 'ready' AND queue IN \(list: request.queues.map(\.name)) LIMIT 1")
        guard found != nil else { return false }
        guard let worker = request.worker else { return true }
        return try isLiving(worker, since: request.livingSince)
    }

    /// A job under which processes keep dying runs while nothing else does in its process, so that it harms only itself.
    ///
    /// - Returns: nil when there is none; otherwise what may be claimed now: it, or nothing until others have ended.
    private func suspect(in queues: [QueueOptions], _ request: ClaimRequest) throws -> [ClaimedJob]? {
        let found = try transaction.query(
            """
            SELECT id FROM jobs WHERE rescues >= 2 AND state IN ('ready', 'running', 'cancelling')
            AND rescues >= \(request.rescuesBeforeAlone) AND queue IN \(list: queues.map(\.name))
            AND kind IN \(list: request.kinds) AND (state = 'ready' OR worker IS NOT DISTINCT FROM \(request.worker))
            LIMIT 1
            """)
        guard !found.isEmpty else { return nil }
        let executing: Int =
            try transaction.value(
                """
                SELECT count(*) FROM jobs
                WHERE executing IS NOT NULL AND worker IS NOT DISTINCT FROM \(request.worker)
                """) ?? 0
        guard executing == 0 else { return [] }
        for queue in queues {
            let rows = try candidates(in: queue.name, request, limit: 1, rescuesMin: request.rescuesBeforeAlone)
            let taken = try take(1, of: rows, now: request.now)
            if !taken.isEmpty {
                try markClaimed(taken, request)
                return taken
            }
        }
        // It waits for its predecessor; others need not wait for it.
        return nil
    }

    private func candidates(
        in queue: String, _ request: ClaimRequest, limit: Int, rescuesMin: Int = 0
    ) throws -> [ClaimedJob] {
        // The plus keeps SQLite from trying `jobs_suspect` with each value, for which it would prepare the statement again.
        try transaction.query(
            """
            SELECT \(ClaimedJob.columns) FROM jobs j JOIN job_payloads p ON p.job = j.id
            WHERE j.queue = \(queue) AND j.state = 'ready' AND j.executing IS NULL AND +j.rescues >= \(rescuesMin)
            AND j.kind IN \(list: request.kinds)
            AND (j.predecessor IS NULL OR NOT EXISTS (
                SELECT 1 FROM jobs b WHERE b.id = j.predecessor
                AND (b.executing IS NOT NULL OR b.state NOT IN ('succeeded', 'failed', 'cancelled'))))
            AND (j.key_count = 0 OR NOT EXISTS (
                SELECT 1 FROM job_keys k JOIN job_locks l ON l.key = k.key WHERE k.job = j.id))
            AND (j.limit_key IS NULL OR p.limit_running IS NULL OR p.limit_running > (
                SELECT count(*) FROM jobs r WHERE r.limit_key = j.limit_key AND r.executing IS NOT NULL))
            ORDER BY j.priority DESC, j.due_at, j.id LIMIT \(limit)
            \(transaction.dialect.forUpdateSkippingLocked(of: "j"))
            """
        ).map(ClaimedJob.init(beforeClaim:))
    }

    /// Takes what candidates want beside a slot, until there are so many; of two that want the same the first gets it,
    /// also when another process has the other.
    private func take(_ count: Int, of candidates: [ClaimedJob], now: JobTime) throws -> [ClaimedJob] {
        var taken: [ClaimedJob] = []
        for job in candidates where taken.count < count {
            guard try takeKeys(of: job) else { continue }
            if let limit = job.limit {
                let running = taken.count { $0.limit?.key == limit.key }
                guard try takeShare(of: limit, for: job.id, besides: running, now: now) else {
                    try transaction.execute("DELETE FROM job_locks WHERE job = \(job.id) AND fence = \(job.fence)")
                    continue
                }
            }
            taken.append(job)
        }
        return taken
    }

    private func takeKeys(of job: ClaimedJob) throws -> Bool {
        if job.keyCount == 0 { return true }
        let taken = try transaction.execute(
            """
            INSERT INTO job_locks (key, job, fence)
            SELECT key, job, \(job.fence) FROM job_keys WHERE job = \(job.id) ORDER BY key
            ON CONFLICT (key) DO NOTHING
            """)
        if taken == job.keyCount { return true }
        try transaction.execute("DELETE FROM job_locks WHERE job = \(job.id) AND fence = \(job.fence)")
        return false
    }

    /// The event `claimed` of `JobMachine` for all of them at once: attempt + 1, fence + 1.
    private func markClaimed(_ jobs: [ClaimedJob], _ request: ClaimRequest) throws {
        guard !jobs.isEmpty else { return }
        try transaction.execute(
            telling(
                """
                UPDATE jobs SET state = 'running', attempt = attempt + 1, fence = fence + 1, executing = fence + 1,
                    worker = \(request.worker), started_at = \(request.now), note = NULL
                WHERE id IN \(list: jobs.map(\.id))
                """))
    }
}
