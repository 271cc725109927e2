import GRDB

import struct Database.DatabaseError
import struct Database.Row
import struct Database.SQL
import protocol Database.Transaction

/// One operation's statements on a connection, through the library's statement cache.
final class SQLiteTransaction: Transaction {
    private let connection: GRDB.Database
    private(set) var actions: [@Sendable () -> Void] = []

    init(_ connection: GRDB.Database) { self.connection = connection }

    func execute(_ sql: SQL) throws -> Int {
        try translatingErrors {
            try prepared(sql).execute(arguments: Self.arguments(of: sql))
            return connection.changesCount
        }
    }

    func query(_ sql: SQL) throws -> [Row] {
        var rows: [Row] = []
        try forEachRow(sql) { row in
            rows.append(row)
            return true
        }
        return rows
    }

    func forEachRow(_ sql: SQL, _ body: (Row) throws -> Bool) throws {
        try translatingErrors {
            let statement = try prepared(sql)
            let columns = statement.columnNames
            let cursor = try GRDB.Row.fetchCursor(statement, arguments: Self.arguments(of: sql))
            while let found = try cursor.next() {
                let values = (0..<columns.count).map { SQLiteValues.value(at: $0, of: found) }
                if try !body(Row(columns: columns, values: values)) { return }
            }
        }
    }

    func afterCommit(_ action: @escaping @Sendable () -> Void) { actions.append(action) }

    /// Refuses statements once the transaction has vanished: each of them would commit alone.
    private func prepared(_ sql: SQL) throws -> Statement {
        guard connection.isInsideTransaction else {
            throw DatabaseError(.rolledBack, "expected an open transaction, found that a failure has ended it")
        }
        return try connection.cachedStatement(sql: sql.text)
    }

    /// As existentials: the library maps a sequence of one type through a key path, which costs a tenth of a write.
    private static func arguments(of sql: SQL) -> StatementArguments {
        StatementArguments(sql.arguments.map { SQLiteValues.bound($0) as (any GRDB.DatabaseValueConvertible)? })
    }
}
