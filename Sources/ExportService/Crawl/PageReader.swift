import JSONBytes

/// A page of the source: its octets, checked, and where its rows stand in them.
package struct SourcePage: Sendable {
    package let bytes: [UInt8]
    /// The array `data.data`; on every page its first element is the header.
    package let rows: Range<Int>
    package let tag: PageTag
    /// What asks for the next page, of sources with a cursor; nil at the end.
    package var next: String?
}

/// Reads the documented envelope of a page without decoding it.
package struct PageReader: Sendable {
    /// Longest part of a source's own message that goes into `fail_reason`, in characters.
    package static let sourceMessageCharactersMax = 200
    /// Longest cursor that is followed, in octets: in a GET it is part of a URL, and it is kept with its page.
    package static let tokenBytesMax = 8_192

    private let limit: Int
    private let cursor: SourceCursor?

    /// - Parameters:
    ///   - limit: The page size asked for; used when the page does not say its own.
    ///   - cursor: Where a page says what asks for the next one; it need not say how many there are then.
    package init(limit: Int, cursor: SourceCursor? = nil) {
        self.limit = limit
        self.cursor = cursor
    }

    package static func read(_ bytes: [UInt8], limit: Int) throws(PageFault) -> SourcePage {
        try Self(limit: limit).read(bytes)
    }

    package func read(_ bytes: [UInt8]) throws(PageFault) -> SourcePage {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(PageFault) in (try parts(of: buffer), try token(in: buffer)) }
        }
        let ((rows, tag), next) = try result.get()
        return SourcePage(bytes: bytes, rows: rows, tag: tag, next: next)
    }

    private func token(in bytes: UnsafeRawBufferPointer) throws(PageFault) -> String? {
        guard let cursor, let token = Self.token(cursor, in: bytes) else { return nil }
        guard token.utf8.count <= Self.tokenBytesMax else {
            throw .lasting(
                "expected a cursor of at most \(Self.tokenBytesMax) octets, found one of \(token.utf8.count)")
        }
        return token
    }

    /// A text or a number; whatever else stands there, or nothing, is the end.
    private static func token(_ cursor: SourceCursor, in bytes: UnsafeRawBufferPointer) -> String? {
        var value = bytes
        for name in cursor.next {
            guard JSONScanner.kind(of: value) == .object, let found = JSONScanner.member(name, of: value) else {
                return nil
            }
            value = JSONScanner.slice(value, found)
        }
        switch JSONScanner.kind(of: value) {
        case .string:
            let text = JSONScanner.string(value)
            return text.isEmpty ? nil : text
        case .number: return String(decoding: value, as: UTF8.self)
        default: return nil
        }
    }

    private func parts(of bytes: UnsafeRawBufferPointer) throws(PageFault) -> (rows: Range<Int>, tag: PageTag) {
        do {
            try JSONValidator.validate(bytes)
        } catch {
            throw .lasting("not JSON: \(error)\(Self.hint(bytes))")
        }
        try Self.checkErrcode(bytes)
        let outer = try Self.member("data", "data", of: bytes, at: 0..<bytes.count, kind: .object)
        let rows = try Self.member("data", "data.data", of: bytes, at: outer, kind: .array)
        if cursor != nil, Self.isAbsent("pagetag", of: JSONScanner.slice(bytes, outer)) {
            return (rows, PageTag(total: 0, limit: limit))
        }
        let pagetag = try Self.member("pagetag", "data.pagetag", of: bytes, at: outer, kind: .object)
        guard let total = Self.number("total", of: bytes, at: pagetag), total >= 0 else {
            throw .lasting("expected a whole number in data.pagetag.total")
        }
        let own = Self.number("limit", of: bytes, at: pagetag) ?? 0
        let page = Self.number("page", of: bytes, at: pagetag)
        return (rows, PageTag(total: total, limit: own > 0 ? own : limit, page: page))
    }

    /// `errcode` ≠ 0 is the source's own refusal; its message is worth more than ours.
    private static func checkErrcode(_ bytes: UnsafeRawBufferPointer) throws(PageFault) {
        guard JSONScanner.kind(of: bytes) == .object else { throw .lasting("expected a JSON object") }
        guard let range = JSONScanner.member("errcode", of: bytes) else { return }
        let value = JSONScanner.slice(bytes, range)
        guard JSONScanner.kind(of: value) == .number else { throw .lasting("expected a number in errcode") }
        guard JSONScanner.integer(value) != 0 else { return }
        throw .lasting("the source answered \(refusal(code: value, in: bytes))")
    }

    /// What the source itself says of an answer that is no page: `errcode 9: scroll expired`; nil if it says nothing.
    static func refusal(in body: [UInt8]) -> String? {
        body.withUnsafeBytes { bytes in
            guard (try? JSONValidator.validate(bytes)) != nil, JSONScanner.kind(of: bytes) == .object,
                let range = JSONScanner.member("errcode", of: bytes)
            else { return nil }
            let code = JSONScanner.slice(bytes, range)
            guard JSONScanner.kind(of: code) == .number, JSONScanner.integer(code) != 0 else { return nil }
            return refusal(code: code, in: bytes)
        }
    }

    private static func refusal(code value: UnsafeRawBufferPointer, in bytes: UnsafeRawBufferPointer) -> String {
        let code = String(decoding: value.prefix(20), as: UTF8.self)
        var message = ""
        if let range = JSONScanner.member("msg", of: bytes) {
            let value = JSONScanner.slice(bytes, range)
            if JSONScanner.kind(of: value) == .string { message = JSONScanner.string(value) }
        }
        return "errcode \(code): \(message.prefix(sourceMessageCharactersMax))"
    }

    private static func member(
        _ name: String, _ path: String, of bytes: UnsafeRawBufferPointer, at range: Range<Int>, kind: JSONKind
    ) throws(PageFault) -> Range<Int> {
        let object = JSONScanner.slice(bytes, range)
        guard let found = JSONScanner.member(name, of: object),
            JSONScanner.kind(of: JSONScanner.slice(object, found)) == kind
        else { throw .lasting("expected an \(kind) in \(path)") }
        return found.lowerBound + range.lowerBound..<found.upperBound + range.lowerBound
    }

    /// Null counts as absent.
    private static func isAbsent(_ name: String, of object: UnsafeRawBufferPointer) -> Bool {
        guard let found = JSONScanner.member(name, of: object) else { return true }
        return JSONScanner.kind(of: JSONScanner.slice(object, found)) == .null
    }

    /// A whole number, or a string of digits: sources in loosely typed languages send them.
    private static func number(_ name: String, of bytes: UnsafeRawBufferPointer, at range: Range<Int>) -> Int? {
        let object = JSONScanner.slice(bytes, range)
        guard let found = JSONScanner.member(name, of: object) else { return nil }
        let value = JSONScanner.slice(object, found)
        switch JSONScanner.kind(of: value) {
        case .number: return JSONScanner.integer(value)
        case .string: return Int(JSONScanner.string(value))
        default: return nil
        }
    }

    private static func hint(_ bytes: UnsafeRawBufferPointer) -> String {
        let first = bytes.first { $0 > 0x20 }
        return first == UInt8(ascii: "<") ? " (it looks like HTML)" : ""
    }
}
