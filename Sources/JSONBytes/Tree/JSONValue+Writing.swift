extension JSONValue {
    /// The text without whitespace, members in their order.
    public var bytes: [UInt8] {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.bytes
    }

    /// The same octets for every spelling of the same value: members sorted by the UTF-8 of their names, the first of
    /// those with equal names, no whitespace, minimal escapes. Numbers stay as they are written.
    public var canonicalBytes: [UInt8] { canonical.bytes }

    /// Appends this value to a text under way.
    public func write(to writer: inout JSONWriter) {
        switch self {
        case .object(let members):
            writer.beginObject()
            for member in members {
                writer.key(member.key)
                member.value.write(to: &writer)
            }
            writer.endObject()
        case .array(let elements):
            writer.beginArray()
            for element in elements { element.write(to: &writer) }
            writer.endArray()
        case .string(let text): writer.string(text)
        case .number(let text): writer.raw(text.utf8)
        case .bool(let value): writer.bool(value)
        case .null: writer.null()
        }
    }

    private var canonical: JSONValue {
        switch self {
        case .object(let members):
            var seen: Set<[UInt8]> = []
            let kept = members.filter { seen.insert(Array($0.key.utf8)).inserted }
            let sorted = kept.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            return .object(sorted.map { JSONMember($0.key, $0.value.canonical) })
        case .array(let elements): return .array(elements.map(\.canonical))
        default: return self
        }
    }
}

extension JSONValue: CustomStringConvertible {
    /// The text without whitespace.
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}
