import Database
import PostgreSQLClient

/// One operation's statements on a connection.
final class PostgreSQLTransaction: Transaction {
    private let session: StatementSession
    private(set) var actions: [@Sendable () -> Void] = []
    let time: Int64?
    let dialect = SQLDialect.postgreSQL

    /// - Parameter time: When the server began the transaction; nil for reads, which nothing depends on.
    init(_ session: StatementSession, time: Int64? = nil) {
        self.session = session
        self.time = time
    }

    func execute(_ sql: SQL) throws -> Int { try result(of: sql).affectedCount }

    func executeLater(_ sql: SQL) throws { session.enqueueWork(PostgreSQLStatement(sql)) }

    func query(_ sql: SQL) throws -> [Row] {
        let result = try result(of: sql)
        return result.rows.map { Row(columns: result.columns, values: $0.map(DatabaseValue.init)) }
    }

    func forEachRow(_ sql: SQL, _ body: (Row) throws -> Bool) throws {
        try translatingErrors {
            try session.forEachRow(PostgreSQLStatement(sql)) { columns, values in
                try body(Row(columns: columns, values: values.map(DatabaseValue.init)))
            }
        }
    }

    func afterCommit(_ action: @escaping @Sendable () -> Void) { actions.append(action) }

    private func result(of sql: SQL) throws -> PostgreSQLResult {
        try translatingErrors { try session.run(PostgreSQLStatement(sql)) }
    }
}

extension PostgreSQLStatement {
    init(_ sql: SQL) { self.init(sql.text, sql.arguments.map(PostgreSQLValue.init)) }
}

extension PostgreSQLValue {
    init(_ value: DatabaseValue) {
        switch value {
        case .null: self = .null
        case .integer(let integer): self = .integer(integer)
        case .real(let real): self = .real(real)
        case .text(let text): self = .text(text)
        case .blob(let bytes): self = .bytes(bytes)
        }
    }
}

extension DatabaseValue {
    init(_ value: PostgreSQLValue) {
        switch value {
        case .null: self = .null
        case .integer(let integer): self = .integer(integer)
        case .real(let real): self = .real(real)
        case .text(let text): self = .text(text)
        case .bytes(let bytes): self = .blob(bytes)
        }
    }
}
