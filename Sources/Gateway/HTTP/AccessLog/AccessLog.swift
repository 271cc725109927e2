import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// The file of one line for each request, written beside the event loops.
///
/// Lines that come while a write is under way leave together with the next one. When the disk does not keep up, lines
/// beyond `pendingBytesMax` are dropped and counted: requests never wait for their log.
package final class AccessLog: Sendable {
    /// Octets of lines that wait to be written.
    static let pendingBytesMax = 4 << 20

    private struct State {
        var pending = ByteBuffer()
        var isWriting = false
        var droppedCount = 0
    }

    private let descriptor: CInt
    private let state = Mutex(State())

    /// Appends to a file, which is made (mode 0640) where there is none; `-` is standard output.
    package init(path: String) throws {
        descriptor = path == "-" ? dup(STDOUT_FILENO) : open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "open(\(path))") }
    }

    deinit { close(descriptor) }

    /// Lines that were not written.
    package var droppedCount: Int { state.withLock { $0.droppedCount } }

    func append(_ line: ByteBuffer) {
        let mustStart = state.withLock { state in
            guard state.pending.readableBytes + line.readableBytes <= Self.pendingBytesMax else {
                state.droppedCount += 1
                return false
            }
            state.pending.writeImmutableBuffer(line)
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if mustStart { NIOThreadPool.singleton.submit { [self] _ in writePending() } }
    }

    /// Writes what waits, and what comes meanwhile.
    private func writePending() {
        while let octets = takePending() { write(octets) }
    }

    private func takePending() -> ByteBuffer? {
        state.withLock { state in
            guard state.pending.readableBytes > 0 else {
                state.isWriting = false
                return nil
            }
            defer { state.pending = ByteBuffer() }
            return state.pending
        }
    }

    private func write(_ octets: ByteBuffer) {
        octets.withUnsafeReadableBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else {
                    let lost = rest.count { $0 == UInt8(ascii: "\n") }
                    return state.withLock { $0.droppedCount += lost }
                }
                rest = rest.dropFirst(count)
            }
        }
    }
}
