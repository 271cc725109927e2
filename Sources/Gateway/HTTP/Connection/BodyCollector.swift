import JSONBytes
import NIOCore
import RPC

/// Collects a body and checks it as it comes: bad JSON is refused at its first wrong octet, not after 50 MiB.
struct BodyCollector {
    /// What has come.
    private(set) var octets: ByteBuffer?
    /// Whether the octets are in memory of their own.
    private var isJoined = false
    private var validator: JSONValidator?

    /// Nothing expected.
    init() {}

    init(isJSON: Bool) {
        validator = isJSON ? JSONValidator() : nil
    }

    /// Takes a piece; an error says where the body stops being JSON.
    mutating func append(_ piece: ByteBuffer) -> JSONSyntaxError? {
        collect(piece)
        return piece.withUnsafeReadableBytes { bytes in
            check { validator throws(JSONSyntaxError) in try validator.consume(bytes) }
        }
    }

    /// Says that the body is complete. An empty one is no JSON and no error: whether it may be empty is for others to say.
    mutating func finish() -> JSONSyntaxError? {
        guard octets != nil else { return nil }
        return check { validator throws(JSONSyntaxError) in try validator.finish() }
    }

    /// Hands out what was collected.
    mutating func take() -> ByteBuffer? {
        defer { self = BodyCollector() }
        return octets
    }

    /// One piece is kept as it came, unless it is a small part of what it came with; more are put together.
    ///
    /// Nothing else may refer to the octets while a piece is added to them, not even a name in this function: they would
    /// be copied, all of them for each piece.
    private mutating func collect(_ piece: ByteBuffer) {
        if isJoined {
            octets!.writeImmutableBuffer(piece)
        } else if let first = octets {
            var joined = LargeMemory.buffer(capacity: first.readableBytes + piece.readableBytes)
            joined.writeImmutableBuffer(first)
            joined.writeImmutableBuffer(piece)
            octets = joined
            isJoined = true
        } else {
            // It waits with its call; what else the same read brought need not.
            octets = piece.detachedFromRead
        }
    }

    private mutating func check(_ step: (inout JSONValidator) throws(JSONSyntaxError) -> Void) -> JSONSyntaxError? {
        guard validator != nil else { return nil }
        do throws(JSONSyntaxError) {
            try step(&validator!)
            return nil
        } catch {
            validator = nil
            return error
        }
    }
}
