import Artifacts
import Glibc
import NIOPosix

/// Where the rows of raw exports are: a file per export, named by its key, for as long as the export may need them.
struct RowsKeeper: Sendable {
    let directory: String
    /// For files under way; emptied at start, on the same file system.
    let workDirectory: String

    /// Disks block, so whatever works on files here runs on this pool's threads.
    static var threads: NIOThreadPool { .singleton }

    func path(_ key: HashKey) -> String { "\(directory)/\(name(key))" }

    /// Relative to the directory; folders of two digits keep each of them short.
    private func name(_ key: HashKey) -> String { "\(key.text.prefix(2))/\(key)" }

    /// A name nobody else has.
    func temporaryPath() -> String { "\(workDirectory)/rows-\(UInt64.random(in: .min ... .max))" }

    /// Gives finished rows their name; those of the same key are the same rows.
    func publish(_ file: String, as key: HashKey) async throws {
        try await Self.threads.runIfActive { try FileTree.publish(file, as: path(key)) }
    }

    /// Removes a file that is not needed after all.
    func discard(_ file: String) async {
        _ = try? await Self.threads.runIfActive { unlink(file) }
    }

    /// The keys of files last changed before then, in seconds since 1970.
    func keys(changedBefore seconds: Int) async throws -> [HashKey] {
        try await Self.threads.runIfActive {
            FileTree.names(in: directory).flatMap { folder in
                FileTree.names(in: "\(directory)/\(folder)").compactMap { name in
                    var status = stat()
                    guard stat("\(directory)/\(folder)/\(name)", &status) == 0, status.st_mtim.tv_sec < seconds else {
                        return nil
                    }
                    return HashKey(name)
                }
            }
        }
    }

    func has(_ key: HashKey) async throws -> Bool {
        try await Self.threads.runIfActive { access(path(key), F_OK) == 0 }
    }

    func remove(_ keys: [HashKey]) async throws {
        try await Self.threads.runIfActive { for key in keys { unlink(path(key)) } }
    }
}
