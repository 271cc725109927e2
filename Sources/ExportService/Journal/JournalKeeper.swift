import Artifacts
import Database
import JobQueue
import NIOPosix

/// Where journals are: a directory per job, for as long as the job has not ended.
struct JournalKeeper: Sendable {
    /// Of this store's processes only: what belongs to no living job of it is removed.
    let directory: String

    /// The key goes with the number, so that another store's job of the same number finds nothing.
    func path(_ job: JobID, _ key: HashKey) -> String { "\(directory)/\(job)-\(key)" }

    /// Removes the journal of a job that has ended, without waiting.
    func remove(_ job: JobID, _ key: HashKey) {
        let path = path(job, key)
        RowsKeeper.threads.submit { _ in FileTree.remove(path) }
    }

    /// Removes journals whose job has ended elsewhere, or is not known.
    func sweep(_ queue: JobQueue, _ database: any Database) async throws {
        let directory = directory
        let names = try await RowsKeeper.threads.runIfActive { FileTree.names(in: directory) }
        let found = names.compactMap { name in Self.job(ofName: name).map { (name: name, job: $0) } }
        guard !found.isEmpty else { return }
        let over = try await database.read { transaction in
            try found.filter { try queue.state(of: $0.job, in: transaction)?.isTerminal ?? true }.map(\.name)
        }
        try await RowsKeeper.threads.runIfActive { for name in over { FileTree.remove("\(directory)/\(name)") } }
    }

    private static func job(ofName name: String) -> JobID? {
        let parts = name.split(separator: "-")
        guard parts.count == 2, HashKey(String(parts[1])) != nil, let number = Int64(parts[0]) else { return nil }
        return JobID(rawValue: number)
    }
}
