/// Cuts an array that arrives in pieces into its elements, so that never more than one of them is held.
///
/// Each piece must have passed a `JSONValidator` before it is given, and the document must be an array; the answer does
/// not depend on where the pieces are cut.
public struct JSONElementSplitter: Sendable {
    /// The element under way.
    private var element: [UInt8] = []
    private var depth = 0
    private var isInString = false
    private var isEscaped = false

    /// Octets of the element under way.
    public var heldBytes: Int { element.count }

    /// Nothing taken yet.
    public init() {}

    /// Takes the next piece; calls `body` with each element that ends in it, without whitespace in front.
    public mutating func consume(
        _ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) rethrows {
        var position = 0
        while position < bytes.count {
            if isInString {
                position = string(bytes, from: position)
            } else {
                try between(bytes[position], body)
                position &+= 1
            }
        }
    }

    /// Takes an octet outside of strings.
    private mutating func between(_ octet: UInt8, _ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        switch octet {
        case Octet.comma where depth == 1: return try end(body)
        case Octet.beginArray, Octet.beginObject:
            depth &+= 1
            if depth == 1 { return }
        case Octet.endArray, Octet.endObject:
            depth &-= 1
            if depth == 0 { return try end(body) }
        case Octet.quote: isInString = true
        default: if element.isEmpty, octet.isJSONWhitespace { return }
        }
        element.append(octet)
    }

    /// Takes octets of a string up to its end or the piece's; answers the position behind them.
    private mutating func string(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        if isEscaped {
            isEscaped = false
            element.append(bytes[start])
            return start &+ 1
        }
        let end = OctetSearch.quoteOrBackslash(bytes, from: start)
        let taken = min(end &+ 1, bytes.count)
        element.append(contentsOf: JSONScanner.slice(bytes, start..<taken))
        if end < bytes.count {
            isInString = bytes[end] != Octet.quote
            isEscaped = isInString
        }
        return taken
    }

    private mutating func end(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        // An empty array has no element before its end.
        guard !element.isEmpty else { return }
        try element.withUnsafeBytes { try body($0) }
        element.removeAll(keepingCapacity: true)
    }
}
