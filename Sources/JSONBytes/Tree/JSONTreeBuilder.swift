/// Builds a tree from octets that are valid JSON, in one pass; recursion is bounded by the validator's depth limit.
struct JSONTreeBuilder {
    let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// Takes one value and the whitespace before it.
    mutating func value() -> JSONValue {
        skipWhitespace()
        switch bytes[position] {
        case Octet.beginObject: return .object(members())
        case Octet.beginArray: return .array(elements())
        case Octet.quote: return .string(string())
        default: return scalar()
        }
    }

    private mutating func members() -> [JSONMember] {
        var members: [JSONMember] = []
        position += 1
        skipWhitespace()
        while bytes[position] != Octet.endObject {
            let key = string()
            skipWhitespace()
            position += 1  // the colon
            members.append(JSONMember(key, value()))
            position = JSONScanner.nextItem(bytes, from: position)
        }
        position += 1
        return members
    }

    private mutating func elements() -> [JSONValue] {
        var elements: [JSONValue] = []
        position += 1
        skipWhitespace()
        while bytes[position] != Octet.endArray {
            elements.append(value())
            position = JSONScanner.nextItem(bytes, from: position)
        }
        position += 1
        return elements
    }

    private mutating func string() -> String {
        let end = JSONScanner.endOfString(bytes, from: position)
        defer { position = end }
        return JSONScanner.text(JSONScanner.slice(bytes, position + 1..<end - 1))
    }

    private mutating func scalar() -> JSONValue {
        let end = JSONScanner.endOfValue(bytes, from: position)
        let token = JSONScanner.slice(bytes, position..<end)
        position = end
        switch JSONScanner.kind(of: token) {
        case .true: return .bool(true)
        case .false: return .bool(false)
        case .null: return .null
        default: return .number(String(decoding: token, as: UTF8.self))
        }
    }

    private mutating func skipWhitespace() {
        position = JSONScanner.endOfWhitespace(bytes, from: position)
    }
}
