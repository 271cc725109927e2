import Synchronization

/// What of an export is on the disk, for those who watch it.
package final class FileCount: Sendable {
    private let counts = Mutex((rows: 0, bytes: 0))

    package init() {}

    /// Rows that are in the files.
    package var rows: Int { counts.withLock { $0.rows } }

    /// Octets of the files.
    package var bytes: Int {
        get { counts.withLock { $0.bytes } }
        set { counts.withLock { $0.bytes = newValue } }
    }

    func restart() { counts.withLock { $0 = (rows: 0, bytes: 0) } }

    /// - Returns: All rows so far.
    func add(rows: Int) -> Int {
        counts.withLock { counts in
            counts.rows += rows
            return counts.rows
        }
    }
}
