import JSONBytes

/// Writes a document, or a piece of it, as compact JSON; members keep their order.
extension DocumentNode {
    var json: [UInt8] {
        var writer = JSONWriter()
        write(to: &writer) { _ in true }
        return writer.bytes
    }

    /// The OpenAPI document that strangers may read: without our extension words.
    ///
    /// Only our own words go, by name: a schema's property or an example may well begin with `x-`.
    var publicJSON: [UInt8] {
        var writer = JSONWriter()
        write(to: &writer) { $0.name != "x-facade" && $0.name != "x-rpc" }
        return writer.bytes
    }

    private func write(to writer: inout JSONWriter, keeping isKept: (Member) -> Bool) {
        switch content {
        case .null: writer.null()
        case .bool(let value): writer.bool(value)
        case .number(let text): writer.raw(text.utf8)
        case .string(let text): writer.string(text)
        case .array(let elements):
            writer.beginArray()
            for element in elements { element.write(to: &writer, keeping: isKept) }
            writer.endArray()
        case .object(let members):
            writer.beginObject()
            for member in members where isKept(member) {
                writer.key(member.name)
                member.value.write(to: &writer, keeping: isKept)
            }
            writer.endObject()
        }
    }
}
