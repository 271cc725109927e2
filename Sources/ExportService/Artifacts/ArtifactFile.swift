import Glibc
import NIOCore
import NIOPosix

/// A finished file that is open for reading.
///
/// It is closed with its last reference: a download may be cancelled between any two steps, and a handle that has to be
/// closed by a further step would then stay open.
final class ArtifactFile: Sendable {
    /// Octets, as they were when it was opened; a published file never changes.
    let size: Int
    /// When it was written: seconds since 1970 and nanoseconds of that second.
    let changed: (seconds: Int, nanoseconds: Int)
    private let descriptor: Int32
    private let bytesRead: OctetCount

    /// Disks block, so every operation runs on this pool's threads.
    private static var threads: NIOThreadPool { .singleton }

    /// Opens a file; what is read from it is counted.
    static func open(_ path: String, counting bytesRead: OctetCount) async throws -> ArtifactFile {
        try await threads.runIfActive { try ArtifactFile(path, bytesRead) }
    }

    private init(_ path: String, _ bytesRead: OctetCount) throws(FileTree.Failure) {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw FileTree.failure("open", path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let failure = FileTree.failure("inspect", path)
            close(descriptor)
            throw failure
        }
        self.descriptor = descriptor
        self.bytesRead = bytesRead
        size = Int(status.st_size)
        changed = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
    }

    deinit { close(descriptor) }

    /// At most `length` octets from `offset` on; none at the end of the file.
    func read(from offset: Int, length: Int) async throws -> ByteBuffer {
        try await Self.threads.runIfActive { [self] in
            var octets = ByteBufferAllocator().buffer(capacity: length)
            try octets.writeWithUnsafeMutableBytes(minimumWritableBytes: length) { space in
                let count = pread(descriptor, space.baseAddress, length, off_t(offset))
                guard count >= 0 else { throw FileTree.failure("read", "the file of an export") }
                bytesRead.add(count)
                return count
            }
            return octets
        }
    }
}
