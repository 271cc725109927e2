import Database
import DatabasePostgreSQL
import DatabaseSQLite
import ExportService
import Logging
import ServiceRuntime

/// The store of a service: where it is, and what it is made of.
struct ServiceStore: Sendable {
    let service: String
    let migrations: [Migration]
    /// What holds over its rows.
    let rules: @Sendable (SQLDialect) -> [StoreRule]

    /// Every service that has one.
    static let all = [
        ServiceStore(
            service: "export", migrations: ExportSchema.storeMigrations,
            rules: { ExportSchema.storeRules(in: $0) })
    ]

    /// The file of one that belongs to a process, below its data directory.
    func path(in dataDirectory: String) -> String { "\(dataDirectory)/\(service)/store.sqlite" }

    func check(in dialect: SQLDialect) -> StoreCheck { StoreCheck(migrations, rules: rules(dialect)) }
}
