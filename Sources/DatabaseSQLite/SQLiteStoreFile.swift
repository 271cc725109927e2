package import Database
import Foundation
import GRDB

/// The file of an embedded store seen from outside: while the process runs that it belongs to, or after its end.
///
/// Reads only. A reading connection neither writes nor checkpoints, so it is no second writer; the log only grows for as
/// long as its snapshot is held.
package struct SQLiteStoreFile: Sendable {
    /// How long the owner is waited for while it opens or closes the store.
    private static let busyTimeout = 10.0

    private let queue: DatabaseQueue

    /// Throws `io` when there is no such file.
    package init(path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else {
            throw DatabaseError(.io, "expected a store at \(path), found no such file")
        }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(Self.busyTimeout)
        configuration.label = "sqlite-file"
        queue = try translatingErrors { try DatabaseQueue(path: path, configuration: configuration) }
    }

    /// Runs `body` on one snapshot. Blocks.
    package func read<T>(_ body: (any Transaction) throws -> T) throws -> T {
        try translatingErrors {
            try queue.unsafeRead { connection in
                try connection.execute(sql: "BEGIN DEFERRED")
                defer { try? connection.execute(sql: "ROLLBACK") }
                return try body(SQLiteTransaction(connection))
            }
        }
    }

    /// Writes one snapshot, compacted, into an empty file. Blocks; writers go on meanwhile.
    ///
    /// The engine does not synchronise the copy: that is left to the caller.
    package func copy(to path: String) throws {
        try translatingErrors {
            try queue.writeWithoutTransaction { connection in
                try connection.execute(sql: "VACUUM INTO ?", arguments: [path])
            }
        }
    }

    package func close() throws { try translatingErrors { try queue.close() } }
}
