import Database

extension ScrapeSchema {
    static let gaps = Migration(
        service: "scrape", number: 5, name: "gaps of crawls, budgets that are waited for",
        statements: [
            "ALTER TABLE scrape_executions ADD COLUMN until_id TEXT",
            "ALTER TABLE scrape_executions ADD COLUMN oldest_id TEXT",
            "ALTER TABLE scrape_executions ADD COLUMN gaps TEXT",
            "ALTER TABLE scrape_executions ADD COLUMN waits_for TEXT",
        ])
}
