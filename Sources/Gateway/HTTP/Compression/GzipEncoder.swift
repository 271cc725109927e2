import CZlib
import NIOCore

/// Makes gzip streams one after another; the memory zlib needs for one, 256 KiB, is kept between them.
final class GzipEncoder {
    /// zlib keeps a pointer to its caller's structure, so that must not move.
    private let stream: UnsafeMutablePointer<z_stream>

    /// Fails when there is no memory.
    init?() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard pailou_gzip_begin(stream, compressionLevel) == Z_OK else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// The octets compressed; nil if that does not make them fewer.
    func encode(_ octets: ByteBuffer, allocator: ByteBufferAllocator) -> ByteBuffer? {
        guard deflateReset(stream) == Z_OK else { return nil }
        var encoded = allocator.buffer(capacity: octets.readableBytes)
        let isWhole = encoded.withUnsafeMutableWritableBytes { room in
            octets.withUnsafeReadableBytes { octets in
                stream.pointee.next_in = UnsafeMutablePointer(
                    mutating: octets.baseAddress?.assumingMemoryBound(to: UInt8.self))
                stream.pointee.avail_in = UInt32(octets.count)
                stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
                stream.pointee.avail_out = UInt32(min(room.count, octets.count))
                return deflate(stream, Z_FINISH) == Z_STREAM_END
            }
        }
        guard isWhole else { return nil }
        encoded.moveWriterIndex(to: Int(stream.pointee.total_out))
        return encoded
    }
}

/// Level 4 makes JSON nearly as small as the usual 6 in half the time.
private let compressionLevel: Int32 = 4
