import GRDB

/// Opens the connections of a store.
///
/// Each is a `DatabaseQueue` used through its synchronous calls on one thread of ours: the asynchronous ones turn
/// the cancellation of a task into an interrupt of whatever runs. Separate queues and no `DatabasePool`, because a
/// pool resets `synchronous` after the connection was prepared and lets several connections checkpoint; only the
/// writer here may (https://www.sqlite.org/wal.html#walreset: two of them at the same instant can lose a log).
enum SQLiteConnections {
    static func writer(path: String, options: SQLiteOptions) throws -> DatabaseQueue {
        try open(path: path, configuration: configuration(isReadOnly: false), isWriter: true, options: options)
    }

    static func reader(path: String, options: SQLiteOptions) throws -> DatabaseQueue {
        try open(path: path, configuration: configuration(isReadOnly: true), isWriter: false, options: options)
    }

    private static func configuration(isReadOnly: Bool) -> Configuration {
        var configuration = Configuration()
        configuration.readonly = isReadOnly
        // After a failed COMMIT the transaction may be open or not: we look, the library need not.
        configuration.allowsUnsafeTransactions = true
        configuration.label = isReadOnly ? "sqlite-reader" : "sqlite-writer"
        return configuration
    }

    private static func open(
        path: String, configuration: Configuration, isWriter: Bool, options: SQLiteOptions
    ) throws -> DatabaseQueue {
        try translatingErrors {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            let pragmas = SQLitePragmas(options: options, isWriter: isWriter)
            try queue.writeWithoutTransaction { connection in
                try pragmas.apply(to: connection)
                try pragmas.verify(on: connection)
            }
            return queue
        }
    }
}
