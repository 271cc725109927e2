/// Limits and settings of an embedded store.
package struct SQLiteOptions: Sendable {
    /// Read-only connections, each on its own thread. Clamped to 1…4: more of them only compete for the same cores.
    package var readerCount = 2

    /// Writes made durable by one commit, at most. 256 keeps the longest wait behind a batch in the milliseconds.
    package var batchOperationsMax = 256

    /// Writes that may wait before further ones are refused as `overloaded`.
    package var writesWaitingMax = 16_384

    /// Reads that may wait before further ones are refused as `overloaded`.
    package var readsWaitingMax = 16_384

    /// Free bytes on the disk below which new work is refused. 0 switches the check off.
    package var freeBytesMin: UInt64 = 256 << 20

    /// Pages (4 KiB) the log may hold before a commit also copies them into the main file.
    package var checkpointPages = 4_000

    /// Pages (4 KiB) of disk kept for the log beyond those, so that accepted work can end when the disk is full.
    package var reservePages = 1_024

    /// Page cache of each connection, in KiB.
    package var cacheKiB = 16_384

    /// Pages (4 KiB) the main file may have; 0 means the engine's own limit.
    package var pageCountMax = 0

    /// Called right before every commit; what it throws counts as the commit's own failure. For fault tests.
    package var beforeCommit: (@Sendable () throws -> Void)?

    package init() {}
}
