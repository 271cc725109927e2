import NIOCore
import RPC

/// How a service's content is said in HTTP: status, length and the fields of the head.
struct StreamAnswer {
    let status: Int
    let content: RPCContent
    /// Octets that follow the head; nil when the service does not know.
    let length: Int?
    let hasBody: Bool

    init(_ content: RPCContent, ifNoneMatch: String?) {
        self.content = content
        let full = content.status ?? (content.range == nil ? 200 : 206)
        let isKnown = content.etag.map { etag in ifNoneMatch.map { matches($0, etag) } ?? false } ?? false
        status = full / 100 == 2 && isKnown ? 304 : full
        hasBody = status / 100 == 2 && status != 204
        switch status {
        case 206: length = content.range.map { $0.last - $0.first + 1 } ?? content.size
        case 416: length = 0
        case 304, 204: length = nil
        default: length = content.size
        }
    }

    /// The `Content-Range` field, for a part and for a part that is not there.
    var contentRange: String? {
        if let range = content.range, status == 206 { return "bytes \(range.first)-\(range.last)/\(range.total)" }
        if status != 416 { return nil }
        return (content.range?.total ?? content.size).map { "bytes */\($0)" }
    }
}

/// Whether an `If-None-Match` names this tag; comparison is weak (RFC 9110, 13.1.2).
private func matches(_ field: String, _ etag: String) -> Bool {
    func strong(_ tag: Substring) -> Substring { tag.hasPrefix("W/") ? tag.dropFirst(2) : tag }
    let tags = field.split(separator: ",").map { $0.trimmingPrefix(while: \.isWhitespace).trimmedAtEnd }
    return tags.contains { $0 == "*" || strong($0) == strong(etag[...]) }
}

extension Substring {
    /// Without the white space at the end.
    fileprivate var trimmedAtEnd: Substring {
        var text = self
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}

extension ResponseHead {
    /// The head of a stream, up to the fields every answer has.
    init(_ answer: StreamAnswer) {
        self.init(status: answer.status, allocator: ByteBufferAllocator())
        let content = answer.content
        if answer.hasBody {
            field("content-type", content.type)
            if let name = content.name { field("content-disposition", ContentDisposition.attachment(name)) }
            if answer.status == 206 || content.etag != nil { field("accept-ranges", "bytes") }
        }
        if let etag = content.etag { field("etag", etag) }
        if let modified = content.modified { field("last-modified", TimeText.httpDate(secondsSince1970: modified)) }
        if let range = answer.contentRange { field("content-range", range) }
    }
}
