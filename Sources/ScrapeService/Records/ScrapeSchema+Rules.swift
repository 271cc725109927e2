package import Database
import JobQueue

/// What always holds over the scraper's rows.
extension ScrapeService {
    package static func storeRules(in dialect: SQLDialect) -> [StoreRule] {
        JobRules.all(in: dialect) + ScrapeSchema.rules
    }
}

extension ScrapeSchema {
    fileprivate static let rules = [
        StoreRule(
            "a task that runs has an execution that runs",
            breaches: """
                SELECT name FROM scrape_tasks WHERE status = 'RUNNING' AND NOT EXISTS (
                    SELECT 1 FROM scrape_executions e WHERE e.id = scrape_tasks.execution AND e.status = 'RUNNING')
                """),
        StoreRule(
            "an execution that runs has a job that has not ended",
            breaches: """
                SELECT name FROM scrape_executions WHERE status = 'RUNNING' AND NOT EXISTS (
                    SELECT 1 FROM jobs WHERE jobs.id = scrape_executions.job
                    AND jobs.state IN ('blocked', 'scheduled', 'ready', 'running', 'cancelling'))
                """),
        StoreRule(
            "an execution that has ended says when",
            breaches: """
                SELECT name FROM scrape_executions WHERE (status = 'RUNNING') <> (completed_at IS NULL)
                """),
        StoreRule(
            "a task's counter is the number of its results",
            breaches: """
                SELECT name FROM scrape_tasks WHERE results <> (
                    SELECT count(*) FROM scrape_results r WHERE r.task = scrape_tasks.id)
                """),
        StoreRule(
            "a result belongs to a task, or to one that is being removed",
            breaches: """
                SELECT CAST(id AS TEXT) FROM scrape_results r WHERE NOT EXISTS (
                    SELECT 1 FROM scrape_tasks t WHERE t.id = r.task)
                AND NOT EXISTS (SELECT 1 FROM scrape_removed g WHERE g.task = r.task)
                """),
    ]
}
