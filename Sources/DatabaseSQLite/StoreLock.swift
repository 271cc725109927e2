import Database
import Foundation
import Synchronization

/// An exclusive lock on a store until it is released: one process per store.
///
/// Being alone is what lets a starting process conclude that every job marked as running is dead. The descriptor is
/// closed on exec, because a child process that outlived us would otherwise keep the lock.
final class StoreLock: Sendable {
    private let descriptor: Int32
    private let isReleased = Mutex(false)

    init(path: String) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw DatabaseError(.io, "expected to open the lock file \(path), found: \(Self.systemError())")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let isHeld = errno == EWOULDBLOCK
            let said = Self.systemError()
            let owner = Self.contents(of: descriptor)
            close(descriptor)
            guard isHeld else { throw DatabaseError(.io, "expected to lock \(path), found: \(said)") }
            throw DatabaseError(.busy, "the store is in use by \(owner) (lock file \(path)): stop that one first")
        }
        writeOwner()
    }

    deinit { release() }

    /// Called when the last connection is gone; later calls do nothing.
    func release() {
        let isHeld = isReleased.withLock { isReleased in
            defer { isReleased = true }
            return !isReleased
        }
        guard isHeld else { return }
        // Unlocked and not only closed: a child that has not come to its exec yet has the descriptor, too.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// For the message of the second process only; the lock itself is the kernel's.
    private func writeOwner() {
        let text = "process \(getpid())"
        _ = ftruncate(descriptor, 0)
        _ = text.withCString { pwrite(descriptor, $0, strlen($0), 0) }
    }

    private static func contents(of descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : "another process"
    }

    private static func systemError() -> String { String(cString: strerror(errno)) }
}
