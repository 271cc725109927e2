import Glibc

/// Octets in one piece of memory that grows and is written without checks of bounds: every writer reserves first.
struct ByteBuffer: ~Copyable {
    private(set) var start: UnsafeMutablePointer<UInt8>
    private(set) var capacity: Int
    var count = 0

    init(capacity: Int) {
        self.capacity = capacity
        start = .allocate(capacity: capacity)
    }

    deinit { start.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    /// Where the next octet goes.
    var end: UnsafeMutablePointer<UInt8> { start + count }

    /// Makes room for so many octets more.
    @inline(__always)
    mutating func reserve(_ more: Int) {
        if count + more > capacity { grow(more) }
    }

    private mutating func grow(_ more: Int) {
        let larger = max(capacity * 2, (count + more).roundedUpToPowerOfTwo)
        let next = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        next.update(from: start, count: count)
        start.deallocate()
        start = next
        capacity = larger
    }

    @inline(__always)
    mutating func append(_ octets: UnsafeRawBufferPointer) {
        reserve(octets.count)
        if let base = octets.baseAddress { memcpy(end, base, octets.count) }
        count += octets.count
    }

    @inline(__always)
    mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Whether the octets stand at the position: eight at a time, the last ones overlapping those before.
    @inline(__always)
    func isEqual(from position: Int, to octets: UnsafeRawBufferPointer) -> Bool {
        let own = UnsafeRawPointer(start + position)
        guard octets.count >= 8, let other = octets.baseAddress else {
            return octets.indices.allSatisfy { octets[$0] == start[position + $0] }
        }
        var offset = 0
        let last = octets.count - 8
        while offset < last {
            if own.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                != other.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            {
                return false
            }
            offset += 8
        }
        return own.loadUnaligned(fromByteOffset: last, as: UInt64.self)
            == other.loadUnaligned(fromByteOffset: last, as: UInt64.self)
    }
}

extension [UInt8] {
    /// `withUnsafeBytes` that says what it throws.
    func withOctets(
        _ body: (UnsafeRawBufferPointer) throws(SpreadsheetError) -> Void
    ) throws(SpreadsheetError) {
        try withUnsafeBufferPointer { octets throws(SpreadsheetError) in try body(UnsafeRawBufferPointer(octets)) }
    }
}
