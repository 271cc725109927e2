import JSONBytes
package import NIOCore

extension RPCContent {
    /// Reads the `content` of a stream's first header; nil when it names no media type.
    package init?(json: ByteBuffer?) {
        guard let fields = JSONFields(json), let type = fields.string("type") else { return nil }
        self.init(
            type: type, name: fields.string("name"), size: fields.integer("size"),
            range: ByteRange(json: fields.raw("range", .object)), etag: fields.string("etag"),
            modified: fields.integer("modified"), status: fields.integer("status"))
    }

    /// The object in a stream's first header.
    package var json: ByteBuffer {
        var writer = JSONWriter(reservingCapacity: 128)
        writer.beginObject()
        writer.member("type", type)
        if let name { writer.member("name", name) }
        if let size { writer.member("size", size) }
        if let range {
            writer.key("range")
            writer.beginObject()
            writer.member("first", range.first)
            writer.member("last", range.last)
            writer.member("total", range.total)
            writer.endObject()
        }
        if let etag { writer.member("etag", etag) }
        if let modified { writer.member("modified", modified) }
        if let status { writer.member("status", status) }
        writer.endObject()
        return ByteBuffer(bytes: writer.bytes)
    }
}

extension RPCContent.ByteRange {
    init?(json: ByteBuffer?) {
        guard let fields = JSONFields(json), let first = fields.integer("first"), let last = fields.integer("last"),
            let total = fields.integer("total")
        else { return nil }
        self.init(first: first, last: last, total: total)
    }
}
