import JSONBytes

extension SourcePage {
    /// Calls `body` with the rows of the page, the header not among them, until it answers false.
    ///
    /// - Parameter number: The page's, for messages.
    func forEachRow(number: Int, _ body: (UnsafeRawBufferPointer) throws -> Bool) throws {
        var index = -1
        try bytes.withUnsafeBytes { bytes in
            let array = JSONScanner.slice(bytes, rows)
            try JSONScanner.forEachElement(of: array) { element in
                index += 1
                guard index > 0 else { return true }
                let row = JSONScanner.slice(array, element)
                guard JSONScanner.kind(of: row) == .object else {
                    throw CrawlFailure(page: number, "expected an object as row \(index)")
                }
                return try body(row)
            }
        }
    }

    /// Rows without the header.
    func countRows() -> Int {
        var count = -1
        bytes.withUnsafeBytes { bytes in
            JSONScanner.forEachElement(of: JSONScanner.slice(bytes, rows)) { _ in
                count += 1
                return true
            }
        }
        return max(0, count)
    }
}
