import Glibc
@_spi(CustomByteBufferAllocator) package import NIOCore
import NIOPosix
import Synchronization

/// Memory of messages that may become large: used again by the next one, and given back to the system by a thread of its
/// own when there is none within a second.
///
/// Whoever fills such memory or drops the last reference to it is mostly an event loop. Fresh from the system, 50 MB cost
/// it 10 to 20 ms, giving 64 MiB back 5 to 11 ms; meanwhile a loop answers nobody.
package enum LargeMemory {
    /// Blocks from this size on are mapped; smaller ones cost less than the way there.
    static let blockBytesMin = 1 << 20
    /// What every mapped block has room for, so that a growing message stays where it is and any block fits any message.
    /// Only pages that were written to are memory.
    static let regionBytes = 64 << 20

    /// An empty buffer that grows in such memory.
    package static func buffer(capacity: Int) -> ByteBuffer { allocator.buffer(capacity: capacity) }

    private static let allocator = ByteBufferAllocator(
        allocate: { LargeMemory.allocate($0) },
        reallocate: { octets, _, size in
            guard let octets else { return LargeMemory.allocate(size) }
            return LargeMemory.reallocate(octets, size)
        },
        deallocate: { LargeMemory.deallocate($0) },
        copy: { $0.copyMemory(from: $1, byteCount: $2) })

    private static func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
        guard size >= blockBytesMin else { return LargeBlock.small(malloc(size + LargeBlock.headBytes), size) }
        if size <= regionBytes, let kept = state.withLock({ $0.reserve.take() }) {
            LargeBlock.setSize(size, of: kept.octets)
            return kept.octets
        }
        return LargeBlock.map(size, capacity: max(size, regionBytes))
    }

    private static func reallocate(_ octets: UnsafeMutableRawPointer, _ size: Int) -> UnsafeMutableRawPointer? {
        let (oldSize, capacity) = (LargeBlock.size(octets), LargeBlock.capacity(octets))
        if capacity == 0, size < blockBytesMin {
            return LargeBlock.small(realloc(LargeBlock.start(octets), size + LargeBlock.headBytes), size)
        }
        if size <= capacity {
            LargeBlock.setSize(size, of: octets)
            return octets
        }
        guard let moved = allocate(size) else { return nil }
        moved.copyMemory(from: octets, byteCount: min(oldSize, size))
        deallocate(octets)
        return moved
    }

    private static func deallocate(_ octets: UnsafeMutableRawPointer) {
        let capacity = LargeBlock.capacity(octets)
        if capacity == 0 { return free(LargeBlock.start(octets)) }
        let block = MappedBlock(octets: octets)
        if capacity == regionBytes, keep(block) { return }
        pool.submit { _ in LargeBlock.unmap(block.octets) }
    }

    // MARK: The reserve

    private struct State {
        var reserve = BlockReserve<MappedBlock>()
        var isTrimming = false
    }

    private static let state = Mutex(State())

    /// One thread gives memory back, faster than it can be filled; the other waits until it is time to.
    private static let pool: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 2)
        pool.start()
        return pool
    }()

    private static func keep(_ block: MappedBlock) -> Bool {
        let (isKept, beginsTrimming) = state.withLock { state in
            guard state.reserve.keep(block, now: .now()) else { return (false, false) }
            defer { state.isTrimming = true }
            return (true, !state.isTrimming)
        }
        if beginsTrimming { pool.submit { _ in trim() } }
        return isKept
    }

    /// Blocks its thread until nothing is kept.
    private static func trim() {
        while true {
            let (expired, next) = state.withLock { state in
                let expired = state.reserve.expire(now: .now())
                state.isTrimming = state.reserve.expiry != nil
                return (expired, state.reserve.expiry)
            }
            for block in expired { LargeBlock.unmap(block.octets) }
            guard let next else { return }
            usleep(UInt32(max(0, (next - .now()).nanoseconds) / 1_000 + 1))
        }
    }
}

/// A mapped block that nobody uses.
private struct MappedBlock: @unchecked Sendable {
    let octets: UnsafeMutableRawPointer
}

/// Octets that are used, and in front of them how many there are and how many there is room for, which `free` and
/// `munmap` do not tell. The head keeps them aligned as `malloc` does.
private enum LargeBlock {
    static let headBytes = 16
    /// In front of a mapped block's octets: they begin with a page.
    private static let pageBytes = 4096

    /// What `malloc` gave.
    static func small(_ start: UnsafeMutableRawPointer?, _ size: Int) -> UnsafeMutableRawPointer? {
        guard let octets = start?.advanced(by: headBytes) else { return nil }
        octets.storeBytes(of: size, toByteOffset: -headBytes, as: Int.self)
        octets.storeBytes(of: 0, toByteOffset: -8, as: Int.self)
        return octets
    }

    /// Room from the system.
    static func map(_ size: Int, capacity: Int) -> UnsafeMutableRawPointer? {
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard let start = mmap(nil, pageBytes + capacity, PROT_READ | PROT_WRITE, flags, -1, 0), start != MAP_FAILED
        else { return nil }
        let octets = start + pageBytes
        octets.storeBytes(of: size, toByteOffset: -headBytes, as: Int.self)
        octets.storeBytes(of: capacity, toByteOffset: -8, as: Int.self)
        return octets
    }

    static func unmap(_ octets: UnsafeMutableRawPointer) {
        munmap(octets - pageBytes, pageBytes + capacity(octets))
    }

    static func start(_ octets: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer { octets - headBytes }

    static func size(_ octets: UnsafeMutableRawPointer) -> Int { octets.load(fromByteOffset: -headBytes, as: Int.self) }

    static func setSize(_ size: Int, of octets: UnsafeMutableRawPointer) {
        octets.storeBytes(of: size, toByteOffset: -headBytes, as: Int.self)
    }

    /// Zero for what `malloc` gave.
    static func capacity(_ octets: UnsafeMutableRawPointer) -> Int { octets.load(fromByteOffset: -8, as: Int.self) }
}
