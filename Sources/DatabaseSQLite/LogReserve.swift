import CDiskSpace
import Foundation

/// Room on the disk that belongs to the store's log before anybody else can take it: with no free octet left, what was
/// accepted can still be cancelled and ended.
///
/// The octets are allocated behind the end of the log. Its size stays what it is, so the engine finds the file as it
/// left it and writes into them later (`fallocate(2)`, `FALLOC_FL_KEEP_SIZE`). Only the log may be opened besides the
/// engine: the other files carry its POSIX locks, which end when anybody of the process closes the file.
struct LogReserve: Sendable {
    let path: String
    let bytes: Int

    init(store: String, options: SQLiteOptions) {
        path = store + "-wal"
        // A page of the log has a header of 24 octets.
        bytes = (options.checkpointPages + options.reservePages) * (4_096 + 24)
    }

    /// Takes what is missing; costs a few microseconds when nothing is. A file system that cannot allocate has no
    /// reserve, and so has a disk without room.
    func keep() {
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        defer { close(file) }
        _ = pailou_allocate_keeping_size(file, Int64(bytes))
    }
}
