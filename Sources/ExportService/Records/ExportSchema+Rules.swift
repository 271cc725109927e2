package import Database
import Idempotency
import JobQueue

extension ExportSchema {
    /// Everything that the store of this service is made of.
    package static let storeMigrations = migrations + IdempotencySchema.migrations + JobSchema.migrations

    /// What always holds over its rows, whatever has crashed.
    package static func storeRules(in dialect: SQLDialect) -> [StoreRule] { JobRules.all(in: dialect) + rules }

    private static let rules = [
        StoreRule(
            "an export has the request that it was made with",
            breaches: """
                SELECT hash_key FROM exports
                WHERE NOT EXISTS (SELECT 1 FROM export_requests r WHERE r.export = exports.id)
                """),
        StoreRule(
            "an export that is being made has a job that has not ended",
            breaches: """
                SELECT hash_key FROM exports WHERE status = 1 AND NOT EXISTS (
                    SELECT 1 FROM jobs WHERE jobs.id = exports.job
                    AND jobs.state IN ('blocked', 'scheduled', 'ready', 'running', 'cancelling'))
                """),
        StoreRule(
            "an export has ended as its job has",
            breaches: """
                SELECT hash_key FROM exports JOIN jobs ON jobs.id = exports.job
                WHERE (status = 2 AND state <> 'succeeded') OR (status = 3 AND state <> 'failed')
                OR (status = 4 AND state NOT IN ('cancelling', 'cancelled'))
                """),
        StoreRule(
            "an export's end is told once",
            breaches: """
                SELECT hash_key FROM exports WHERE
                (status = 1 AND EXISTS (SELECT 1 FROM outbox WHERE outbox.job = exports.job))
                OR 1 < (SELECT count(*) FROM outbox WHERE outbox.job = exports.job)
                """),
        // A callback outlives its job, and goes when its own time is over.
        StoreRule(
            "an export with a callback that has ended lately has told it",
            breaches: """
                SELECT hash_key FROM exports WHERE callback IS NOT NULL AND status <> 1
                AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.job = exports.job)
                AND exports.job > (SELECT min(job) FROM outbox WHERE job IS NOT NULL)
                AND exports.updated_at > (SELECT min(ended_at) FROM outbox WHERE job IS NOT NULL)
                """),
    ]
}
