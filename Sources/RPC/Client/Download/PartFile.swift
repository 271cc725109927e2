import Glibc
import NIOCore
import NIOPosix

/// Octets on their way to a file: written beside it under a name of their own, renamed when all are there.
///
/// Calls that wait for the disk run on threads for such calls, and to their end also when the task is cancelled: nothing
/// writes into a file that is gone. For one task; ended by `finish` or `discard`.
final class PartFile: @unchecked Sendable {
    private let path: String
    private let part: String
    private let eventLoop: any EventLoop
    private let descriptor: Int32
    private var gathered = ByteBuffer()
    /// Octets taken.
    private(set) var size = 0

    /// Octets gathered before they are written.
    private static let writeBytes = 1 << 20

    /// Makes the file beside `path`. Throws `IOError`.
    init(for path: String, on eventLoop: any EventLoop) async throws {
        let end = path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex
        let number = String(UInt64.random(in: 0 ... .max), radix: 16)
        let part = "\(path[..<end]).\(path[end...]).\(number).part"
        self.path = path
        self.part = part
        self.eventLoop = eventLoop
        descriptor = try await Self.onThread(eventLoop) {
            let descriptor = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
            return try Self.checked(descriptor, "\(part) cannot be made")
        }
    }

    /// Takes octets. Throws `IOError`.
    func write(_ octets: ByteBuffer) async throws {
        gathered.writeImmutableBuffer(octets)
        size += octets.readableBytes
        if gathered.readableBytes >= Self.writeBytes { try await flush() }
    }

    /// Gives the file its name, once its octets are on the disk. Throws `IOError`.
    func finish() async throws {
        try await flush()
        let (descriptor, part, path) = (descriptor, part, path)
        try await Self.onThread(eventLoop) {
            try Self.checked(fsync(descriptor), "\(part) cannot be brought to the disk")
            try Self.checked(rename(part, path), "\(path) cannot be replaced")
            _ = close(descriptor)
        }
    }

    /// Removes what was written.
    func discard() async {
        let (descriptor, part) = (descriptor, part)
        try? await Self.onThread(eventLoop) {
            _ = close(descriptor)
            _ = unlink(part)
        }
    }

    private func flush() async throws {
        let (octets, descriptor, part) = (gathered, descriptor, part)
        gathered = ByteBuffer()
        try await Self.onThread(eventLoop) {
            try octets.withUnsafeReadableBytes { bytes in
                var rest = bytes[...]
                while !rest.isEmpty {
                    let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                    if count < 0, errno == EINTR { continue }
                    rest = rest.dropFirst(try Self.checked(count, "\(part) cannot be written"))
                }
            }
        }
    }

    private static func onThread<Answer: Sendable>(
        _ eventLoop: any EventLoop, _ work: @escaping @Sendable () throws -> Answer
    ) async throws -> Answer {
        try await NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop, work).get()
    }

    /// What a call answered, unless it failed.
    @discardableResult
    private static func checked<Answer: BinaryInteger>(_ answer: Answer, _ failure: String) throws -> Answer {
        guard answer < 0 else { return answer }
        throw IOError(errnoCode: errno, reason: failure)
    }
}
