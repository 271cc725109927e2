import JSONBytes
import NIOCore

extension FuzzTarget {
    /// Validator, scanner, splitter, writer and tree: the octets are a document.
    static let json = FuzzTarget(name: "json") { octets throws(BrokenProperty) in
        let whole = verdict(octets, pieces: max(1, octets.count))
        try require(verdict(octets, pieces: 1) == whole, "octet by octet, another verdict")
        let piece = 1 + octets.choice % 13
        try require(verdict(octets, pieces: piece) == whole, "in pieces of \(piece), another verdict")
        if FoundationVerdict.isDefined(octets) {
            let accepts = FoundationVerdict.accepts(octets)
            try require(accepts == (whole == nil), "Foundation accepts: \(accepts), we: \(whole?.description ?? "yes")")
        }
        guard whole == nil else { return scanAnyway(octets) }
        guard let value = jsonValue(octets) else { throw BrokenProperty("valid, but cannot be read") }
        try require(jsonValue(value.bytes) == value, "written and read again, another value")
        let canonical = value.canonicalBytes
        try require(jsonValue(canonical)?.canonicalBytes == canonical, "the canonical text is not canonical")
        try checkScanner(octets, value)
        try checkSplitter(octets, value)
        try checkFinder(octets)
    }
}

/// The error found when the document comes in pieces of so many octets.
private func verdict(_ octets: [UInt8], pieces: Int) -> JSONSyntaxError? {
    var validator = JSONValidator()
    do throws(JSONSyntaxError) {
        for start in stride(from: 0, to: octets.count, by: pieces) {
            let piece = ByteBuffer(bytes: octets[start..<min(start + pieces, octets.count)])
            try piece.withUnsafeReadableBytes { bytes throws(JSONSyntaxError) in try validator.consume(bytes) }
        }
        try validator.finish()
    } catch {
        return error
    }
    return nil
}

/// The scanner promises nothing about what is no JSON, except that it stays inside the octets and ends.
private func scanAnyway(_ octets: [UInt8]) {
    octets.withUnsafeBytes { bytes in
        _ = JSONScanner.kind(of: bytes)
        _ = JSONScanner.integer(bytes)
        _ = JSONScanner.double(bytes)
        _ = JSONScanner.string(bytes)
        _ = JSONScanner.member("a", of: bytes)
        JSONScanner.forEachElement(of: bytes) { _ in true }
        JSONScanner.forEachUnescapedPiece(of: bytes) { _ in }
    }
}

/// Members, elements, strings and numbers are those of the tree.
private func checkScanner(_ octets: [UInt8], _ value: JSONValue) throws(BrokenProperty) {
    var found: [(key: [UInt8]?, value: [UInt8])] = []
    octets.withUnsafeBytes { bytes in
        JSONScanner.forEachMember(of: bytes) { key, value in
            found.append((Array(JSONScanner.text(JSONScanner.slice(bytes, key)).utf8), Array(bytes[value])))
            return true
        }
        JSONScanner.forEachElement(of: bytes) { element in
            found.append((nil, Array(bytes[element])))
            return true
        }
    }
    let keys = value.members?.map { Optional(Array($0.key.utf8)) } ?? value.elements?.map { _ in nil } ?? []
    try require(found.map(\.key) == keys, "the scanner's names are not those of the tree")
    let values = value.members?.map(\.value) ?? value.elements ?? []
    try require(found.map { jsonValue($0.value) } == values, "the scanner's values are not those of the tree")
    for member in value.members ?? [] {
        let range = octets.withUnsafeBytes { JSONScanner.member(member.key, of: $0) }
        let first = range.flatMap { jsonValue(Array(octets[$0])) }
        try require(first == value[member.key], "'\(member.key)' is found with another value")
    }
    try checkScalars(octets, value)
}

private func checkScalars(_ octets: [UInt8], _ value: JSONValue) throws(BrokenProperty) {
    switch value {
    case .string(let text):
        let scanned = octets.withUnsafeBytes { JSONScanner.string($0) }
        try require(scanned.utf8.elementsEqual(text.utf8), "the scanner reads the text '\(scanned)'")
        var pieces: [UInt8] = []
        octets.withUnsafeBytes { bytes in
            let inner = JSONScanner.trimmed(bytes).dropFirst().dropLast()
            JSONScanner.forEachUnescapedPiece(of: JSONScanner.slice(bytes, inner)) { pieces += $0 }
        }
        try require(pieces.elementsEqual(text.utf8), "in pieces, the text is another")
    case .number(let text):
        let integer = octets.withUnsafeBytes { JSONScanner.integer($0) }
        try require(integer == Int(text), "the scanner reads the integer \(String(describing: integer))")
    default: break
    }
}

/// The splitter's elements are those of the tree, however the array arrives.
private func checkSplitter(_ octets: [UInt8], _ value: JSONValue) throws(BrokenProperty) {
    guard let elements = value.elements else { return }
    for pieces in [octets.count, 1, 1 + octets.choice % 13] {
        var splitter = JSONElementSplitter()
        var found: [JSONValue?] = []
        for start in stride(from: 0, to: octets.count, by: pieces) {
            let piece = Array(octets[start..<min(start + pieces, octets.count)])
            piece.withUnsafeBytes { splitter.consume($0) { found.append(jsonValue(Array($0))) } }
        }
        try require(found == elements, "in pieces of \(pieces), the array has other elements")
    }
}

/// The members found while an object comes are those of the whole.
private func checkFinder(_ octets: [UInt8]) throws(BrokenProperty) {
    var whole: [[Range<Int>]] = []
    octets.withUnsafeBytes { bytes in
        JSONScanner.forEachMember(of: bytes) { key, value in
            whole.append([key, value])
            return true
        }
    }
    for step in [octets.count, 1, 1 + octets.choice % 13] {
        var finder = JSONMemberFinder()
        var found: [[Range<Int>]] = []
        octets.withUnsafeBytes { bytes in
            for end in Array(stride(from: step, to: octets.count, by: step)) + [octets.count] {
                finder.advance(JSONScanner.slice(bytes, 0..<end)) { found.append([$0, $1]) }
            }
        }
        try require(found == whole, "in steps of \(step), other members are found")
    }
}
