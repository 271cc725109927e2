import Glibc
import NIOPosix

/// Files in a directory, which may be shared: by several processes, on several machines.
///
/// Disks block, so everything runs on threads that may.
package struct DirectoryArtifactStore: ArtifactStore {
    /// Where files are that come from another file system, until they are whole; no name begins with a dot.
    private static let incoming = ".incoming"

    private let directory: String
    private let links: DirectoryLinks?

    /// - Parameter links: How a web server that has the directory takes them; nil where none has it.
    package init(directory: String, links: DirectoryLinks? = nil) {
        self.directory = directory
        self.links = links
    }

    package func prepare() async throws(ArtifactError) {
        try await blocking {
            try FileTree.makeDirectory(directory)
            // Tried, because rights say little about a shared file system.
            let probe = try temporaryFile()
            unlink(probe)
            rmdir("\(directory)/\(Self.incoming)")
        }
    }

    package func publish(file: String, as name: String) async throws(ArtifactError) {
        try await blocking {
            do throws(FileTree.Failure) {
                try FileTree.publish(file, as: path(name))
            } catch  where error.isOtherFileSystem {
                try bring(file, as: name)
            }
        }
    }

    package func open(_ name: String) async throws(ArtifactError) -> any Artifact {
        try await blocking { try DirectoryArtifact(path(name)) }
    }

    /// Also removes folders that became empty.
    package func remove(_ names: [String]) async throws(ArtifactError) {
        try await blocking {
            for name in names {
                unlink(path(name))
                var folder = name[...]
                // `rmdir` refuses what is not empty, which is all the checking that is needed.
                while let slash = folder.lastIndex(of: "/") {
                    folder = folder[..<slash]
                    guard rmdir("\(directory)/\(folder)") == 0 else { break }
                }
            }
        }
    }

    package func forEachBatch(
        below bound: String, writtenBefore seconds: Int, batch: Int, _ body: ([String]) async throws -> Void
    ) async throws {
        var folders = [""]
        var names: [String] = []
        while let folder = folders.popLast() {
            let (inside, files) = try await blocking { list(folder, below: bound, writtenBefore: seconds) }
            // Backwards, so that the first comes off the end first.
            folders += inside.reversed()
            names += files
            while names.count >= batch {
                try await body(Array(names.prefix(batch)))
                names.removeFirst(batch)
            }
        }
        if !names.isEmpty { try await body(names) }
    }

    package func removeUnfinished(begunBefore seconds: Int) async throws(ArtifactError) -> Int {
        try await blocking {
            let folder = "\(directory)/\(Self.incoming)"
            let left = FileTree.names(in: folder).filter { name in
                // A file that is being written was changed a moment ago, by whatever process.
                guard let time = FileTree.modified("\(folder)/\(name)"), time < seconds else { return false }
                return unlink("\(folder)/\(name)") == 0
            }
            return left.count
        }
    }

    package func link(to name: String, called fileName: String, lasting duration: Duration) -> String? {
        links?.link(to: name, called: fileName, lasting: duration)
    }

    private func path(_ name: String) -> String { "\(directory)/\(name)" }

    private func list(
        _ folder: String, below bound: String, writtenBefore seconds: Int
    ) -> (folders: [String], files: [String]) {
        var (folders, files): ([String], [String]) = ([], [])
        for entry in FileTree.names(in: path(folder)) where !entry.hasPrefix(".") {
            let name = folder.isEmpty ? entry : "\(folder)/\(entry)"
            guard name < bound else { break }
            var status = stat()
            guard lstat(path(name), &status) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: folders.append(name)
            case S_IFREG where status.st_mtim.tv_sec < seconds: files.append(name)
            default: break
            }
        }
        return (folders, files)
    }

    /// Copies a file of another file system here, under a name of nobody else's, and only then gives it its own.
    private func bring(_ file: String, as name: String) throws {
        let temporary = try temporaryFile()
        do {
            try FileTree.copy(file, to: temporary)
            try FileTree.publish(temporary, as: path(name))
        } catch {
            unlink(temporary)
            throw error
        }
        unlink(file)
    }

    private func temporaryFile() throws(FileTree.Failure) -> String {
        let path = "\(directory)/\(Self.incoming)/\(String(UInt64.random(in: .min ... .max), radix: 16))"
        try FileTree.makeFile(path)
        return path
    }

    private func blocking<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws(ArtifactError) -> T {
        do {
            return try await NIOThreadPool.singleton.runIfActive(body)
        } catch let failure as FileTree.Failure {
            throw ArtifactError(failure)
        } catch let error as ArtifactError {
            throw error
        } catch {
            throw ArtifactError(.cancelled, "it was cancelled")
        }
    }
}

extension ArtifactError {
    init(_ failure: FileTree.Failure) {
        let kind: Kind =
            failure.isMissing
            ? .missing : failure.isDiskFull ? .full : failure.isForbidden ? .refused : .unavailable
        self.init(kind, failure.description)
    }
}
