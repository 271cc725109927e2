/// Where the octets of a text go: a file, or memory.
package protocol OctetSink {
    /// Octets so far.
    var count: Int { get }
    mutating func append(_ byte: UInt8)
    mutating func append(_ bytes: some Collection<UInt8>)
}

extension FileSink: OctetSink {}

/// Octets in memory, for whoever sends them on.
package struct OctetBuffer: OctetSink {
    package private(set) var octets: [UInt8] = []

    package init() {}

    package var count: Int { octets.count }

    @inline(__always)
    package mutating func append(_ byte: UInt8) { octets.append(byte) }

    @inline(__always)
    package mutating func append(_ bytes: some Collection<UInt8>) { octets.append(contentsOf: bytes) }

    package mutating func removeAll() { octets.removeAll(keepingCapacity: true) }
}
