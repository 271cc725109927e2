import Glibc
import NIOCore
import NIOPosix

/// A finished file that is open for reading.
///
/// It is closed with its last reference: a download may be cancelled between any two steps, and a handle that has to be
/// closed by a further step would then stay open.
final class DirectoryArtifact: Artifact {
    /// Octets read from the disk at once. Twice as many are held for each download: one lot goes out, the next one is read.
    private static let readBytes = 512 * 1024

    /// As it was when it was opened; a published file never changes.
    let size: Int
    let tag: String
    let modified: Int
    private let descriptor: Int32

    init(_ path: String) throws(FileTree.Failure) {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw FileTree.failure("open", path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let failure = FileTree.failure("inspect", path)
            close(descriptor)
            throw failure
        }
        self.descriptor = descriptor
        size = Int(status.st_size)
        modified = status.st_mtim.tv_sec
        tag = "\(size)-\(modified).\(status.st_mtim.tv_nsec)"
    }

    deinit { close(descriptor) }

    func copy(_ range: Range<Int>, to write: (ByteBuffer) async throws -> Void) async throws {
        if range.isEmpty { return }
        var octets = try await read(from: range.lowerBound, before: range.upperBound)
        var offset = range.lowerBound
        while true {
            guard octets.readableBytes > 0 else {
                throw ArtifactError(.damaged, "the file ended early, at octet \(offset)")
            }
            offset += octets.readableBytes
            let next = offset
            if next >= range.upperBound { return try await write(octets) }
            // The disk works while the caller takes what was read before.
            async let ahead = read(from: next, before: range.upperBound)
            try await write(octets)
            octets = try await ahead
        }
    }

    private func read(from offset: Int, before end: Int) async throws -> ByteBuffer {
        try await read(from: offset, length: min(Self.readBytes, end - offset))
    }

    /// At most `length` octets; none at the end of the file.
    private func read(from offset: Int, length: Int) async throws -> ByteBuffer {
        try await NIOThreadPool.singleton.runIfActive { [self] in
            var octets = ByteBufferAllocator().buffer(capacity: length)
            try octets.writeWithUnsafeMutableBytes(minimumWritableBytes: length) { space in
                let count = pread(descriptor, space.baseAddress, length, off_t(offset))
                guard count >= 0 else {
                    throw ArtifactError(FileTree.failure("read", "a finished file"))
                }
                return count
            }
            return octets
        }
    }
}
