import JSONBytes
public import NIOCore

/// Writes the result of a list method, `{"items": […], "more": …}`, with as many items as its caller takes octets.
public struct RPCListWriter: Sendable {
    /// The parameter by which callers say how many octets the result may have.
    public static let parameter = "max_bytes"
    /// The fewest octets a caller can ask for.
    public static let bytesMin = 1_000
    /// What holds for a plain peer that does not say: frames of up to 99,999 octets are what Twisted takes by default.
    public static let plainBytesDefault = 90_000

    private static let end = #"],"more":false}"#.utf8.count
    private var bytes = Array(#"{"items":["#.utf8)
    private let bytesMax: Int
    private var count = 0
    private var more = false

    /// A list without items.
    public init(bytesMax: Int) {
        self.bytesMax = bytesMax
    }

    /// Adds an item, given as JSON, if it fits; the first one always does, so that whoever asks on comes further.
    ///
    /// - Returns: False when the list is full; its `more` is true then.
    public mutating func add(_ item: [UInt8]) -> Bool {
        guard count == 0 || bytes.count + 1 + item.count + Self.end <= bytesMax else {
            more = true
            return false
        }
        if count > 0 { bytes.append(UInt8(ascii: ",")) }
        bytes += item
        count += 1
        return true
    }

    /// Says that there are items behind the last one although there was room.
    public mutating func endEarly() { more = true }

    /// The whole result.
    ///
    /// - Parameter next: Where the next part begins, for methods that say so; written only if there is more.
    public func result(next: Int64? = nil) -> ByteBuffer {
        let cursor = more ? next.map { #","next":\#($0)"# } ?? "" : ""
        return ByteBuffer(bytes: bytes + Array(#"],"more":\#(more)\#(cursor)}"#.utf8))
    }
}

extension RPCContext {
    /// How many octets the result of a list method may have.
    ///
    /// - Parameter asked: The caller's `max_bytes`.
    public func listBytesMax(asked: Int?) -> Int {
        asked ?? (peerIsPlain ? RPCListWriter.plainBytesDefault : .max)
    }
}
