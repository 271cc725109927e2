import Glibc
import Synchronization

/// The finished files: puts them in their place, and removes them when their time is over.
///
/// On a thread of its own, because everything here waits for the disk.
actor ArtifactKeeper {
    private let executor = BlockingExecutor(label: "export.artifacts")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private nonisolated let directory: String
    /// Octets read from finished files since the start.
    nonisolated let bytesRead = OctetCount()

    init(directory: String) {
        self.directory = directory
    }

    nonisolated func path(_ name: ArtifactName) -> String { "\(directory)/\(name.path)" }

    /// Opens a finished file for reading.
    nonisolated func open(_ name: ArtifactName) async throws -> ArtifactFile {
        try await ArtifactFile.open(path(name), counting: bytesRead)
    }

    /// Moves a finished file to its name; nothing half-written is ever visible there.
    func publish(_ file: String, as name: ArtifactName) throws {
        try FileTree.publish(file, as: path(name))
    }

    /// Removes the file of an export that begins anew; fine if there is none.
    ///
    /// To be called where the new job cannot have been claimed yet: a later call could take the new file.
    nonisolated func removeOutdated(_ name: ArtifactName) { unlink(path(name)) }

    /// Removes files by their names relative to the directory, and folders that became empty.
    func remove(_ names: [String]) {
        for name in names {
            unlink("\(directory)/\(name)")
            removeEmptyFolders(above: name)
        }
    }

    /// The names, relative to the directory, of files that were last changed before then.
    ///
    /// - Parameter seconds: Since 1970.
    func names(changedBefore seconds: Int) -> [String] {
        var names: [String] = []
        for month in FileTree.names(in: directory) {
            for day in FileTree.names(in: "\(directory)/\(month)") {
                for file in FileTree.names(in: "\(directory)/\(month)/\(day)") {
                    var status = stat()
                    let name = "\(month)/\(day)/\(file)"
                    guard stat("\(directory)/\(name)", &status) == 0, status.st_mtim.tv_sec < seconds else { continue }
                    names.append(name)
                }
            }
        }
        return names
    }

    /// `rmdir` refuses what is not empty, which is all the checking that is needed.
    private func removeEmptyFolders(above name: String) {
        let parts = name.split(separator: "/")
        guard parts.count == 3 else { return }
        rmdir("\(directory)/\(parts[0])/\(parts[1])")
        rmdir("\(directory)/\(parts[0])")
    }
}

/// Octets counted on several threads.
final class OctetCount: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .relaxed) }

    func add(_ octets: Int) { count.add(octets, ordering: .relaxed) }
}
