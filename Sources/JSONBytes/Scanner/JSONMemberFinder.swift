/// Finds the members of an object that arrives bit by bit, so that no single step has all of it to look at.
///
/// Give it everything that has come so far, again and again; it goes on where it stopped and answers each member when
/// its end is there. The octets must be the beginning of something that `JSONValidator` accepts; given others the
/// answers are meaningless (never out of bounds). Ranges count from the first octet; a key's is what stands between
/// its quotes.
public struct JSONMemberFinder: Sendable {
    private var position = 0
    private var depth = 0
    private var isInString = false
    private var keyStart: Int?
    private var keyEnd: Int?
    private var valueStart: Int?

    /// What the text is, told from its first bracket; nil before that.
    public private(set) var kind: JSONKind?

    /// Nothing looked at yet.
    public init() {}

    /// Looks at what has come since the last time.
    public mutating func advance(
        _ bytes: UnsafeRawBufferPointer, _ body: (_ key: Range<Int>, _ value: Range<Int>) -> Void
    ) {
        while position < bytes.count {
            if isInString { string(bytes) } else { structure(bytes, body) }
        }
    }

    /// Up to the end of a string, or of what has come of it. An escape may end behind what has come.
    private mutating func string(_ bytes: UnsafeRawBufferPointer) {
        position = OctetSearch.quoteOrBackslash(bytes, from: position)
        guard position < bytes.count else { return }
        if bytes[position] == Octet.backslash {
            position &+= 2
        } else {
            if depth == 1, keyStart != nil, keyEnd == nil { keyEnd = position }
            isInString = false
            position &+= 1
        }
    }

    @inline(__always)
    private mutating func structure(
        _ bytes: UnsafeRawBufferPointer, _ body: (_ key: Range<Int>, _ value: Range<Int>) -> Void
    ) {
        let octet = bytes[position]
        if depth == 1, kind == .object { member(bytes, octet, body) }
        switch octet {
        case Octet.quote: isInString = true
        case Octet.beginObject, Octet.beginArray:
            if depth == 0 { kind = octet == Octet.beginObject ? .object : .array }
            depth &+= 1
        case Octet.endObject, Octet.endArray: depth &-= 1
        default: break
        }
        position &+= 1
    }

    /// An octet between the outermost brackets and outside of strings.
    private mutating func member(
        _ bytes: UnsafeRawBufferPointer, _ octet: UInt8, _ body: (_ key: Range<Int>, _ value: Range<Int>) -> Void
    ) {
        if octet == Octet.comma || octet == Octet.endObject {
            if let keyStart, let keyEnd, let valueStart {
                var end = position
                while end > valueStart, bytes[end &- 1].isJSONWhitespace { end &-= 1 }
                body(keyStart..<keyEnd, valueStart..<end)
            }
            (keyStart, keyEnd, valueStart) = (nil, nil, nil)
        } else if keyStart == nil {
            if octet == Octet.quote { keyStart = position &+ 1 }
        } else if keyEnd != nil, valueStart == nil, octet != Octet.colon, !octet.isJSONWhitespace {
            valueStart = position
        }
    }
}
