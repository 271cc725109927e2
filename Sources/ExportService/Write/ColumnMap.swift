import JSONBytes

/// The columns of a table: the keys of its header object in document order; its values are the captions.
///
/// Rows are read by key, so another order, missing keys and extra keys do no harm.
package struct ColumnMap: Sendable {
    package let captions: [String]
    /// Unescaped, as many as captions.
    let keys: [[UInt8]]
    private let indices: [[UInt8]: Int]

    package var count: Int { captions.count }

    /// - Parameters:
    ///   - header: The octets of the header object, valid JSON.
    ///   - wanted: The columns asked for, in their order; nil takes all.
    package init(header: UnsafeRawBufferPointer, wanted: [ShapedColumn]? = nil) throws(CrawlFailure) {
        guard JSONScanner.kind(of: header) == .object else {
            throw CrawlFailure("expected an object as the header row")
        }
        var captions: [String] = []
        var keys: [[UInt8]] = []
        var indices: [[UInt8]: Int] = [:]
        JSONScanner.forEachMember(of: header) { key, value in
            var unescaped: [UInt8] = []
            JSONScanner.appendUnescaped(JSONScanner.slice(header, key), to: &unescaped)
            // A repeated key names the same column twice: the first counts, as everywhere.
            guard indices[unescaped] == nil else { return true }
            indices[unescaped] = keys.count
            keys.append(unescaped)
            captions.append(Self.caption(JSONScanner.slice(header, value)))
            return true
        }
        guard !keys.isEmpty else { throw CrawlFailure("expected at least one column in the header row") }
        guard let wanted else {
            self.captions = captions
            self.keys = keys
            self.indices = indices
            return
        }
        let found = try wanted.enumerated().map { index, column throws(CrawlFailure) in
            if let found = indices[Array(column.key.utf8)] { return found }
            throw CrawlFailure("columns.\(index).key: the source has no column \"\(column.key)\"")
        }
        self.captions = zip(wanted, found).map { $0.caption ?? captions[$1] }
        self.keys = found.map { keys[$0] }
        self.indices = Dictionary(uniqueKeysWithValues: zip(self.keys, 0...))
    }

    /// The column of a key as it stands between its quotes, nil for extra keys.
    ///
    /// - Parameter guess: The column it has when rows keep the header's order, which most do.
    @inline(__always)
    func index(ofKey inner: UnsafeRawBufferPointer, guess: Int) -> Int? {
        if guess < keys.count, matches(inner, keys[guess]) { return guess }
        return slowIndex(ofKey: inner)
    }

    @inline(__always)
    private func matches(_ inner: UnsafeRawBufferPointer, _ key: [UInt8]) -> Bool {
        guard inner.count == key.count else { return false }
        var position = 0
        while position < inner.count {
            // An escape never equals a key of the same length: unescaped texts are shorter.
            if inner[position] != key[position] || inner[position] == UInt8(ascii: "\\") { return false }
            position &+= 1
        }
        return true
    }

    private func slowIndex(ofKey inner: UnsafeRawBufferPointer) -> Int? {
        var unescaped: [UInt8] = []
        unescaped.reserveCapacity(inner.count)
        JSONScanner.appendUnescaped(inner, to: &unescaped)
        return indices[unescaped]
    }

    private static func caption(_ value: UnsafeRawBufferPointer) -> String {
        switch JSONScanner.kind(of: value) {
        case .string: JSONScanner.string(value)
        case .null: ""
        default: String(decoding: value, as: UTF8.self)
        }
    }
}
