import Database
import DatabasePostgreSQL
import DatabaseSQLite
import ExportService
import JobQueue
import Logging
import ScrapeService
import ServiceRuntime

/// The store of a service: where it is, and what it is made of.
struct ServiceStore: Sendable {
    let service: String
    /// Where its tables are on a server; nil: where the server puts them.
    let schema: StaticString?
    let migrations: [Migration]
    /// What holds over its rows.
    let rules: @Sendable (SQLDialect) -> [StoreRule]

    /// Every service that has one.
    static let all = [export, scrape]

    private static let export = ServiceStore(
        service: "export", schema: nil, migrations: ExportSchema.storeMigrations,
        rules: { ExportSchema.storeRules(in: $0) })
    static let scrape = ServiceStore(
        service: "scrape", schema: "pailou_scrape", migrations: ScrapeService.storeMigrations,
        rules: { ScrapeService.storeRules(in: $0) })

    /// The file of one that belongs to a process, below its data directory.
    func path(in dataDirectory: String) -> String { "\(dataDirectory)/\(service)/store.sqlite" }

    func check(in dialect: SQLDialect) -> StoreCheck { StoreCheck(migrations, rules: rules(dialect)) }
}
