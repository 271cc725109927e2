import Glibc
@_spi(CustomByteBufferAllocator) package import NIOCore
import NIOPosix

/// Memory of messages that may become large: it goes back to the system on a thread of its own.
///
/// Whoever drops the last reference to a message is mostly an event loop, and giving back 64 MiB takes 5 to 11 ms, during
/// which a loop answers nobody.
package enum LargeMemory {
    /// Blocks from this size on are given back elsewhere; smaller ones cost less than the way there.
    static let blockBytesMin = 1 << 20

    /// An empty buffer that grows in such memory.
    package static func buffer(capacity: Int) -> ByteBuffer { allocator.buffer(capacity: capacity) }

    /// In front of each block stands its size, which `free` does not tell.
    private static let allocator = ByteBufferAllocator(
        allocate: { Block.sized(malloc($0 + Block.headBytes), $0) },
        reallocate: { octets, _, size in
            Block.sized(realloc(octets.map(Block.start), size + Block.headBytes), size)
        },
        deallocate: { octets in
            if Block.size(octets) < LargeMemory.blockBytesMin {
                free(Block.start(octets))
            } else {
                LargeMemory.release(Block.start(octets))
            }
        },
        copy: { $0.copyMemory(from: $1, byteCount: $2) })

    /// One thread is enough: memory is given back faster than it can be filled.
    private static let pool: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        return pool
    }()

    private static func release(_ start: UnsafeMutableRawPointer) {
        nonisolated(unsafe) let start = start
        pool.submit { _ in free(start) }
    }
}

/// What `malloc` gave, and behind a head the octets that are used. The head keeps them aligned as `malloc` does.
private enum Block {
    static let headBytes = 16

    static func sized(_ start: UnsafeMutableRawPointer?, _ size: Int) -> UnsafeMutableRawPointer? {
        start?.storeBytes(of: size, as: Int.self)
        return start?.advanced(by: headBytes)
    }

    static func start(_ octets: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        octets.advanced(by: -headBytes)
    }

    static func size(_ octets: UnsafeMutableRawPointer) -> Int { start(octets).load(as: Int.self) }
}
