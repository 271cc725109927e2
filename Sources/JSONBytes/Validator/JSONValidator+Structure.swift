/// Octets between tokens, and the first octet of each token.
extension JSONValidator {
    /// Skips whitespace, then takes one structural octet or the beginning of a value.
    @inline(__always)
    mutating func between(_ bytes: UnsafeRawBufferPointer, _ start: Int) throws(JSONSyntaxError) -> Int {
        var position = start
        while bytes[position].isJSONWhitespace {
            position &+= 1
            if position == bytes.count { return position }
        }
        let octet = bytes[position]
        switch state {
        case .commaOrEnd: try commaOrEnd(octet, at: position)
        case .colon:
            guard octet == Octet.colon else { throw error(.expectedColon, at: position) }
            state = .value
        case .key, .keyOrEnd: try key(octet, at: position)
        default: try value(octet, at: position)
        }
        return position &+ 1
    }

    @inline(__always)
    private mutating func commaOrEnd(_ octet: UInt8, at position: Int) throws(JSONSyntaxError) {
        guard nesting.depth > 0 else { throw error(.trailingContent, at: position) }
        if nesting.isInObject {
            switch octet {
            case Octet.comma: state = .key
            case Octet.endObject: nesting.pop()
            default: throw error(.expectedCommaOrEndOfObject, at: position)
            }
        } else {
            switch octet {
            case Octet.comma: state = .value
            case Octet.endArray: nesting.pop()
            default: throw error(.expectedCommaOrEndOfArray, at: position)
            }
        }
    }

    @inline(__always)
    private mutating func key(_ octet: UInt8, at position: Int) throws(JSONSyntaxError) {
        if octet == Octet.quote {
            isKey = true
            state = .string
        } else if octet == Octet.endObject, state == .keyOrEnd {
            nesting.pop()
            state = .commaOrEnd
        } else {
            throw error(.expectedKey, at: position)
        }
    }

    @inline(__always)
    private mutating func value(_ octet: UInt8, at position: Int) throws(JSONSyntaxError) {
        switch octet {
        case Octet.quote:
            isKey = false
            state = .string
        case Octet.zero: state = .zero
        case 0x31...0x39: state = .integer
        case Octet.minus: state = .minus
        case Octet.beginObject: try open(isObject: true, at: position)
        case Octet.beginArray: try open(isObject: false, at: position)
        case UInt8(ascii: "t"): begin(literal: 0x657572)  // "rue", lowest octet first
        case UInt8(ascii: "f"): begin(literal: 0x6573_6C61)  // "alse"
        case UInt8(ascii: "n"): begin(literal: 0x6C6C75)  // "ull"
        case Octet.endArray where state == .elementOrEnd:
            nesting.pop()
            state = .commaOrEnd
        case 0xEF where consumed + position == 0: throw error(.byteOrderMark, at: position)
        default: throw error(.expectedValue, at: position)
        }
    }

    @inline(__always)
    private mutating func open(isObject: Bool, at position: Int) throws(JSONSyntaxError) {
        guard nesting.depth < depthMax else { throw error(.tooDeep, at: position) }
        nesting.push(isObject: isObject)
        state = isObject ? .keyOrEnd : .elementOrEnd
    }

    @inline(__always)
    private mutating func begin(literal rest: UInt32) {
        literalRest = rest
        state = .literal
    }

    /// One more octet of `true`, `false` or `null`.
    @inline(__always)
    mutating func literalOctet(_ octet: UInt8, at position: Int) throws(JSONSyntaxError) {
        guard octet == UInt8(truncatingIfNeeded: literalRest) else { throw error(.invalidLiteral, at: position) }
        literalRest >>= 8
        if literalRest == 0 { state = .commaOrEnd }
    }
}
