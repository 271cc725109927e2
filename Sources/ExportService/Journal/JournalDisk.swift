import Artifacts

/// How pages get to the disk. Blocks.
package struct JournalDisk: Sendable {
    /// Brings a file to the disk; with the directory of its name if that is new.
    package var synchronize: @Sendable (_ file: JournalFile, _ newDirectory: String?) throws -> Void = {
        file, directory in
        try file.synchronize()
        guard let directory else { return }
        try FileTree.synchronize(directory)
        // The directory itself may be new.
        try FileTree.synchronize(String(directory[..<(directory.lastIndex(of: "/") ?? directory.endIndex)]))
    }

    package init() {}
}

/// Waits for the disk on a thread of its own: neither who keeps pages nor who reads files waits behind it.
actor JournalDiskThread {
    private let executor = BlockingExecutor(name: "journal-disk")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let disk: JournalDisk

    init(_ disk: JournalDisk) { self.disk = disk }

    func synchronize(_ file: JournalFile, newDirectory: String?) throws {
        try disk.synchronize(file, newDirectory)
    }
}
