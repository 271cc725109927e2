import JSONBytes

/// The first row of a source's first page, which every other page has to repeat.
///
/// What stands first in a page is not written, so a page without a header would lose a row without a word.
struct HeaderRow {
    private let octets: [UInt8]
    /// By key, both unescaped.
    private let captions: [[UInt8]: [UInt8]]

    /// - Parameter row: Valid JSON.
    init(_ row: UnsafeRawBufferPointer) {
        octets = Array(row)
        captions = Self.captions(of: row)
    }

    /// Throws `CrawlFailure` for a page that begins with something else. One without any rows loses nothing.
    func check(_ page: SourcePage, number: Int) throws(CrawlFailure) {
        let isRepeated = page.bytes.withUnsafeBytes { bytes in
            let rows = JSONScanner.slice(bytes, page.rows)
            var isRepeated = true
            JSONScanner.forEachElement(of: rows) { element in
                isRepeated = isHeader(JSONScanner.slice(rows, element))
                return false
            }
            return isRepeated
        }
        guard isRepeated else {
            throw CrawlFailure(page: number, "expected the header row first, as on page 1, found another row")
        }
    }

    /// Whether a row has the captions. Its keys may come in another order, some may be missing, others there.
    private func isHeader(_ row: UnsafeRawBufferPointer) -> Bool {
        if row.elementsEqual(octets) { return true }
        guard JSONScanner.kind(of: row) == .object else { return false }
        let known = Self.captions(of: row).filter { captions[$0.key] != nil }
        return !known.isEmpty && known.allSatisfy { captions[$0.key] == $0.value }
    }

    private static func captions(of row: UnsafeRawBufferPointer) -> [[UInt8]: [UInt8]] {
        guard JSONScanner.kind(of: row) == .object else { return [:] }
        var captions: [[UInt8]: [UInt8]] = [:]
        JSONScanner.forEachMember(of: row) { key, value in
            var name: [UInt8] = []
            JSONScanner.appendUnescaped(JSONScanner.slice(row, key), to: &name)
            // The first of members with equal names counts, as everywhere.
            if captions[name] == nil { captions[name] = text(JSONScanner.slice(row, value)) }
            return true
        }
        return captions
    }

    private static func text(_ value: UnsafeRawBufferPointer) -> [UInt8] {
        guard JSONScanner.kind(of: value) == .string else { return Array(value) }
        var text: [UInt8] = []
        JSONScanner.appendUnescaped(JSONScanner.slice(value, 1..<value.count - 1), to: &text)
        return text
    }
}
