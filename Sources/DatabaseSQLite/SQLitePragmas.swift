import GRDB

import struct Database.DatabaseError

/// The settings every connection must have, written and then read back.
///
/// The engine ignores a pragma it does not know or cannot obey, and the library sets some of its own while opening;
/// so what counts is the value found afterwards, and a connection that differs is not used.
struct SQLitePragmas {
    private let settings: [(name: String, value: String, expected: String)]

    init(options: SQLiteOptions, isWriter: Bool) {
        var settings = [
            // Durable at commit: the log is synced before callers are acknowledged. 2 is FULL.
            (name: "synchronous", value: "FULL", expected: "2"),
            // With memory mapping an I/O error is a signal instead of an error code.
            (name: "mmap_size", value: "0", expected: "0"),
            (name: "foreign_keys", value: "ON", expected: "1"),
            (name: "trusted_schema", value: "OFF", expected: "0"),
            (name: "cell_size_check", value: "ON", expected: "1"),
            (name: "cache_size", value: "-\(options.cacheKiB)", expected: "-\(options.cacheKiB)"),
            (name: "busy_timeout", value: "0", expected: "0"),
        ]
        if isWriter {
            settings.append((name: "journal_mode", value: "WAL", expected: "wal"))
            let pages = "\(options.checkpointPages)"
            settings.append((name: "wal_autocheckpoint", value: pages, expected: pages))
            settings.append((name: "journal_size_limit", value: "67108864", expected: "67108864"))
            if options.pageCountMax > 0 {
                let limit = "\(options.pageCountMax)"
                settings.append((name: "max_page_count", value: limit, expected: limit))
            }
        } else {
            settings.append((name: "query_only", value: "ON", expected: "1"))
        }
        self.settings = settings
    }

    func apply(to connection: GRDB.Database) throws {
        for (name, value, _) in settings {
            // Some pragmas answer a row when they are set.
            _ = try GRDB.Row.fetchAll(connection, sql: "PRAGMA \(name) = \(value)")
        }
    }

    func verify(on connection: GRDB.Database) throws {
        for (name, _, expected) in settings {
            let found = try GRDB.Row.fetchOne(connection, sql: "PRAGMA \(name)")
            let text = found.map { String(describing: ($0[0] as GRDB.DatabaseValue).storage.value ?? "null") }
            guard text == expected else {
                throw DatabaseError(.misuse, "expected pragma \(name) \(expected), found \(text ?? "nothing")")
            }
        }
    }
}
