import JSONBytes

/// The rows of `source_raw` as a page of their own: an export without a crawl.
package enum RawRows {
    package static func page(_ text: String) -> SourcePage {
        let bytes = Array(text.utf8)
        let (rows, count) = bytes.withUnsafeBytes { buffer in
            var count = 0
            JSONScanner.forEachElement(of: buffer) { _ in
                count += 1
                return true
            }
            return (JSONScanner.trimmed(buffer), count)
        }
        let total = max(0, count - 1)
        return SourcePage(bytes: bytes, rows: rows, tag: PageTag(total: total, limit: max(1, total)))
    }
}
