package import Database

/// What always holds over jobs, whatever has crashed: for whoever looks at a store.
///
/// Jobs past their retention are removed part by part, so that nothing is asked of a job that has ended but what its own
/// row says.
package enum JobRules {
    package static func all(in dialect: SQLDialect) -> [StoreRule] {
        states + counters + parts + attempts + (dialect == .postgreSQL ? workers : [])
    }

    private static let states = [
        StoreRule(
            "a job has an end exactly when its state is terminal",
            breaches: """
                SELECT id FROM jobs WHERE (state IN ('succeeded', 'failed', 'cancelled')) <> (ended_at IS NOT NULL)
                """),
        StoreRule(
            "a job that runs has an execution, the one with its newest fence",
            breaches: """
                SELECT id FROM jobs WHERE state IN ('running', 'cancelling') AND (executing IS NULL OR executing <> fence)
                """),
        StoreRule(
            "a job that waits for its turn is not executed under its newest fence",
            breaches: """
                SELECT id FROM jobs WHERE state IN ('blocked', 'scheduled', 'ready') AND executing = fence
                """),
        StoreRule(
            "a callback has an end exactly when it waits no more",
            breaches: "SELECT message_id FROM outbox WHERE (state <> 'waiting') <> (ended_at IS NOT NULL)"),
    ]

    private static let counters = [
        StoreRule(
            "a blocked job waits for as many jobs as it counts",
            breaches: """
                SELECT id FROM jobs WHERE state = 'blocked' AND (waits_for < 1 OR waits_for <> (
                    SELECT count(*) FROM job_dependencies d JOIN jobs other ON other.id = d.dependency
                    WHERE d.job = jobs.id AND other.state <> 'succeeded'))
                """),
        StoreRule(
            "a job that may run waits for no other",
            breaches: "SELECT id FROM jobs WHERE state IN ('scheduled', 'ready', 'running') AND waits_for <> 0"),
        StoreRule(
            "a job that others wait for knows it",
            breaches: """
                SELECT id FROM jobs WHERE has_dependents = 0
                AND id IN (SELECT d.dependency FROM job_dependencies d JOIN jobs b ON b.id = d.job
                    WHERE b.state = 'blocked')
                """),
        StoreRule(
            "a job wants as many exclusive keys as it counts",
            breaches: """
                SELECT id FROM jobs WHERE state IN ('blocked', 'scheduled', 'ready', 'running', 'cancelling')
                AND key_count <> (SELECT count(*) FROM job_keys k WHERE k.job = jobs.id)
                """),
    ]

    private static let parts = [
        StoreRule(
            "a job that has not ended has its parameters",
            breaches: """
                SELECT id FROM jobs WHERE state IN ('blocked', 'scheduled', 'ready', 'running', 'cancelling')
                AND NOT EXISTS (SELECT 1 FROM job_payloads p WHERE p.job = jobs.id)
                """),
        StoreRule(
            "parameters, results, attempts, progress, keys and dependencies belong to a job",
            breaches: """
                SELECT part.job FROM (
                    SELECT job FROM job_payloads UNION SELECT job FROM job_results UNION SELECT job FROM job_attempts
                    UNION SELECT job FROM job_progress UNION SELECT job FROM job_keys
                    UNION SELECT job FROM job_dependencies) AS part
                WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.id = part.job)
                """),
        StoreRule(
            "a key is held by an execution that exists",
            breaches: """
                SELECT key FROM job_locks WHERE NOT EXISTS (
                    SELECT 1 FROM jobs WHERE jobs.id = job_locks.job AND jobs.executing = job_locks.fence)
                """),
    ]

    private static let attempts = [
        StoreRule(
            "a job has one outcome at most",
            breaches: """
                SELECT job FROM job_attempts WHERE outcome IN ('succeeded', 'failed', 'cancelled')
                GROUP BY job HAVING count(*) > 1
                """),
        StoreRule(
            "an outcome is that of its job",
            breaches: """
                SELECT a.job FROM job_attempts a JOIN jobs ON jobs.id = a.job
                WHERE a.outcome IN ('succeeded', 'failed', 'cancelled') AND a.outcome <> jobs.state
                """),
        StoreRule(
            "an attempt was made under a fence that its job had",
            breaches: "SELECT a.job FROM job_attempts a JOIN jobs ON jobs.id = a.job WHERE a.fence > jobs.fence"),
    ]

    private static let workers = [
        StoreRule(
            "what executes belongs to a process that the store knows",
            breaches: """
                SELECT id FROM jobs WHERE executing IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM job_workers w WHERE w.id = jobs.worker)
                """)
    ]
}
