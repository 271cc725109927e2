/// Finding ends: the inner loops of the scanner.
extension JSONScanner {
    /// Skips whitespace.
    @inline(__always)
    static func endOfWhitespace(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var position = start
        while position < bytes.count, bytes[position].isJSONWhitespace { position &+= 1 }
        return position
    }

    /// Skips whitespace, one comma and whitespace: from the end of an item to the next one or the closing bracket.
    @inline(__always)
    static func nextItem(_ bytes: UnsafeRawBufferPointer, from end: Int) -> Int {
        let position = endOfWhitespace(bytes, from: end)
        guard position < bytes.count, bytes[position] == Octet.comma else { return position }
        return endOfWhitespace(bytes, from: position &+ 1)
    }

    /// Behind the closing quote of the string whose opening quote is at `start`.
    @inline(__always)
    static func endOfString(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var position = start &+ 1
        while true {
            position = OctetSearch.quoteOrBackslash(bytes, from: position)
            guard position < bytes.count else { return bytes.count }
            if bytes[position] == Octet.quote { return position &+ 1 }
            position = min(position &+ 2, bytes.count)  // a backslash and the octet it escapes
        }
    }

    /// Behind the value that begins at `start`.
    @inline(__always)
    static func endOfValue(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        guard start < bytes.count else { return start }
        switch bytes[start] {
        case Octet.quote: return endOfString(bytes, from: start)
        case Octet.beginObject, Octet.beginArray: return endOfContainer(bytes, from: start)
        default: return endOfScalar(bytes, from: start)
        }
    }

    /// Behind the bracket that closes the one at `start`: counts brackets, whichever kind, and skips strings.
    private static func endOfContainer(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var position = start
        var depth = 0
        while position < bytes.count {
            switch bytes[position] {
            case Octet.quote:
                position = endOfString(bytes, from: position)
                continue
            case Octet.beginObject, Octet.beginArray: depth &+= 1
            case Octet.endObject, Octet.endArray:
                depth &-= 1
                if depth == 0 { return position &+ 1 }
            default: break
            }
            position &+= 1
        }
        return position
    }

    /// Behind a number or a literal.
    @inline(__always)
    private static func endOfScalar(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var position = start
        while position < bytes.count {
            let octet = bytes[position]
            if octet == Octet.comma || octet == Octet.endObject || octet == Octet.endArray || octet.isJSONWhitespace {
                break
            }
            position &+= 1
        }
        return position
    }
}
