import NIOCore
import RPC
import Testing

/// Memory of long messages, which is given back elsewhere.
@Suite struct LargeMemoryTests {
    @Test func `a buffer keeps its octets while it grows through every size`() {
        var buffer = LargeMemory.buffer(capacity: 16)
        let piece = ByteBuffer(bytes: (0..<65_521).map { UInt8(truncatingIfNeeded: $0) })
        for _ in 0..<80 { buffer.writeImmutableBuffer(piece) }
        #expect(buffer.readableBytes == 80 * 65_521)
        var rest = buffer
        while let part = rest.readSlice(length: 65_521) { #expect(part == piece) }
        #expect(rest.readableBytes == 0)
    }

    @Test func `buffers are let go of on any thread, small and large`() async {
        await withTaskGroup(of: Int.self) { group in
            for size in [0, 1, 4_096, 1 << 20, 3 << 20, 20 << 20] {
                for _ in 0..<8 {
                    group.addTask {
                        var buffer = LargeMemory.buffer(capacity: size)
                        buffer.writeRepeatingByte(0x78, count: size)
                        return buffer.slice().readableBytes - size
                    }
                }
            }
            for await difference in group { #expect(difference == 0) }
        }
    }
}
