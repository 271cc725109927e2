package import NIOCore

/// What octets keep alive beside themselves: a slice of a few of them holds all that came with the same read.
extension ByteBuffer {
    /// So much is kept for octets that wait without a second thought; a call takes as much for its own objects.
    private static let sharedStorageBytesMax = 2 * 1024

    /// True when whoever waits with these octets would hold much more than is charged for them.
    package static func isWasteful(storageBytes: Int, neededBytes: Int) -> Bool {
        storageBytes > sharedStorageBytesMax && neededBytes < storageBytes / 2
    }

    /// The readable octets in memory of their own.
    package var copied: ByteBuffer { ByteBuffer(bytes: readableBytesView) }

    /// The readable octets, in memory of their own where they would keep much more alive.
    package var detachedFromRead: ByteBuffer {
        Self.isWasteful(storageBytes: storageCapacity, neededBytes: readableBytes) ? copied : self
    }
}
