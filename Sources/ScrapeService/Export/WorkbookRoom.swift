import Artifacts
import RPC
import Synchronization

/// Who may write a workbook: so many at a time, and only while their disk has room.
final class WorkbookRoom: Sendable {
    /// When to ask again.
    private static let retryAfter = Duration.seconds(5)

    private let directory: String
    private let workbooksMax: Int
    private let freeBytesMin: UInt64
    private let writing = Mutex(0)

    init(directory: String, workbooksMax: Int, freeBytesMin: UInt64) {
        self.directory = directory
        self.workbooksMax = workbooksMax
        self.freeBytesMin = freeBytesMin
    }

    /// Runs `body` with a place of its own.
    ///
    /// Throws RESOURCE_EXHAUSTED where all are taken: a caller that waited could go away unnoticed.
    func withPlace<Answer>(_ body: () async throws -> Answer) async throws -> Answer {
        let isFree = writing.withLock { writing in
            guard writing < workbooksMax else { return false }
            writing += 1
            return true
        }
        guard isFree else {
            var refusal = RPCError(
                .resourceExhausted, reason: "workbooks",
                "expected at most \(workbooksMax) workbooks to be written at a time; try again, or ask for csv or jsonl"
            )
            refusal.retryAfter = Self.retryAfter
            throw refusal
        }
        defer { writing.withLock { $0 -= 1 } }
        return try await body()
    }

    /// Throws `disk_full` where less is free than has to be.
    func check() throws {
        guard freeBytesMin > 0, let free = FileTree.freeBytes(in: directory), free < freeBytesMin else { return }
        throw ScrapeFaults.diskFull
    }
}
