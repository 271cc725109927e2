/// Looks up names in a query without copying it.
enum QueryText {
    /// The value of the last pair with this name, still percent-encoded; a name repeated counts as its last, which is
    /// what the documents' own frameworks take.
    static func value(of name: String, in query: Substring) -> Substring? {
        if query.isEmpty { return nil }
        let found = query.utf8.withContiguousStorageIfAvailable { lastValue(of: name, in: $0) }
        guard let range = found ?? Array(query.utf8).withUnsafeBufferPointer({ lastValue(of: name, in: $0) }) else {
            return nil
        }
        let start = query.utf8.index(query.startIndex, offsetBy: range.lowerBound)
        return query[start..<query.utf8.index(start, offsetBy: range.count)]
    }

    private static func lastValue(of name: String, in query: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
        var found: Range<Int>?
        var start = 0
        while start < query.count {
            let end = position(of: UInt8(ascii: "&"), in: query, from: start, to: query.count)
            let equals = position(of: UInt8(ascii: "="), in: query, from: start, to: end)
            if isEqual(UnsafeBufferPointer(rebasing: query[start..<equals]), name) {
                found = min(equals + 1, end)..<end
            }
            start = end + 1
        }
        return found
    }

    private static func position(of octet: UInt8, in query: UnsafeBufferPointer<UInt8>, from: Int, to: Int) -> Int {
        var position = from
        while position < to, query[position] != octet { position += 1 }
        return position
    }

    private static func isEqual(_ coded: UnsafeBufferPointer<UInt8>, _ name: String) -> Bool {
        if coded.count == name.utf8.count && coded.elementsEqual(name.utf8) { return true }
        guard coded.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else { return false }
        return PercentCoding.decode(Substring(decoding: coded, as: UTF8.self), plusIsSpace: true) == name
    }
}
