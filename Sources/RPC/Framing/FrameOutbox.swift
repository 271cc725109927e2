package import NIOCore

/// Gathers the frames of one loop tick, so that they leave in one write.
///
/// Small pieces are copied together: a copy of a few hundred octets costs less than a vector entry. Large payloads are
/// passed on as they are.
package struct FrameOutbox {
    private var gathered: ByteBuffer
    private var sealed: [ByteBuffer] = []
    /// Octets of all sealed buffers.
    private var sealedBytes = 0

    /// Payloads from this size on are not copied.
    private static let copyBytesMax = 8 * 1024
    /// How much may gather before it is written without waiting for the end of the tick: some chunks of a stream, which
    /// then leave with one call of the kernel.
    package static let flushBytes = 256 * 1024

    /// An empty outbox.
    package init() {
        gathered = ByteBuffer()
        gathered.reserveCapacity(4 * 1024)
    }

    package var isEmpty: Bool { gathered.readableBytes == 0 && sealed.isEmpty }
    package var byteCount: Int { gathered.readableBytes + sealedBytes }
    /// True when waiting for the end of the tick would gather too much.
    package var isFull: Bool { byteCount >= Self.flushBytes }

    /// Adds octets.
    @inline(__always)
    package mutating func append(_ octets: ByteBuffer) {
        if octets.readableBytes <= Self.copyBytesMax {
            gathered.writeImmutableBuffer(octets)
        } else {
            seal()
            sealed.append(octets)
            sealedBytes += octets.readableBytes
        }
    }

    /// Adds octets that are few.
    @inline(__always)
    package mutating func append(_ octets: [UInt8]) {
        gathered.writeBytes(octets)
    }

    /// Adds fixed octets.
    @inline(__always)
    package mutating func append(_ text: StaticString) {
        gathered.writeStaticString(text)
    }

    /// Adds text.
    @inline(__always)
    package mutating func append(_ text: String) {
        gathered.writeString(text)
    }

    /// Adds a big-endian number.
    @inline(__always)
    package mutating func append<T: FixedWidthInteger>(_ number: T) {
        gathered.writeInteger(number)
    }

    /// Hands over everything that gathered, in order, tells which piece is the last, and is empty again.
    package mutating func drain(_ write: (_ piece: ByteBuffer, _ isLast: Bool) -> Void) {
        let hasGathered = gathered.readableBytes > 0
        for (index, buffer) in sealed.enumerated() { write(buffer, !hasGathered && index == sealed.count - 1) }
        sealed.removeAll(keepingCapacity: true)
        sealedBytes = 0
        if hasGathered {
            write(gathered, true)
            gathered.clear()
        }
    }

    private mutating func seal() {
        guard gathered.readableBytes > 0 else { return }
        sealed.append(gathered)
        sealedBytes += gathered.readableBytes
        gathered = ByteBuffer()
        gathered.reserveCapacity(4 * 1024)
    }
}
