/// Part 0 of a field: which rows have the path, and which terms there are.
struct SegmentField: Sendable {
    private static let setOffset = 4
    private static let startsOffset = setOffset + RowSet.octetCount

    private let octets: [UInt8]
    private let count: Int

    init(_ octets: [UInt8]) {
        self.octets = octets
        count = octets.withUnsafeBytes { Int(Self.integer($0, 0)) }
    }

    /// Rows that have the path.
    var present: RowSet { octets.withUnsafeBytes { RowSet($0, at: Self.setOffset) } }

    /// Where the rows are of each term that fits.
    func places(of pattern: TermPattern) -> [UInt32] {
        octets.withUnsafeBytes { bytes in
            let placesOffset = Self.startsOffset + count * 4
            let terms = UnsafeRawBufferPointer(rebasing: bytes[(placesOffset + count * 4)...])
            var places: [UInt32] = []
            var position = 0
            while let found = OctetFinder.find(pattern.octets, in: terms, from: position) {
                let number = number(at: pattern.octets[0] == 0 ? found + 1 : found, bytes)
                let start = Int(Self.integer(bytes, Self.startsOffset + number * 4))
                if (terms[start] == SegmentBuilder.literalMark) == pattern.isLiteral {
                    places.append(Self.integer(bytes, placesOffset + number * 4))
                }
                guard number + 1 < count else { break }
                // The octet in front of the next term.
                position = Int(Self.integer(bytes, Self.startsOffset + (number + 1) * 4)) - 1
            }
            return places
        }
    }

    /// The term whose octets are there.
    private func number(at position: Int, _ bytes: UnsafeRawBufferPointer) -> Int {
        var (low, high) = (0, count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if Int(Self.integer(bytes, Self.startsOffset + middle * 4)) <= position {
                low = middle
            } else {
                high = middle
            }
        }
        return low
    }

    @inline(__always)
    private static func integer(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt32 {
        UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}

/// What a term has to look like.
struct TermPattern: Hashable, Sendable {
    /// An octet 0 in front: the term begins so; behind: it ends so.
    let octets: [UInt8]
    /// Numbers, booleans and null are meant, else texts.
    var isLiteral = false
}

/// What a value says about the terms of a field that holds it.
struct ValuePatterns: Sendable {
    /// A text that holds the value has a term for each of these.
    private(set) var texts: [TermPattern] = []
    /// A number, boolean or null that is the value.
    let literal: TermPattern?
    /// Whether a text that has such terms surely holds the value.
    private(set) var isExact = false

    init(_ value: SearchValue) {
        let octets = value.octets
        literal =
            octets.contains(0)
            ? nil : TermPattern(octets: [0, SegmentBuilder.literalMark] + octets + [0], isLiteral: true)
        var texts: [TermPattern] = []
        var isExact = false
        octets.withUnsafeBytes { bytes in
            SearchTerms.forEachRun(of: bytes) { run in
                let text = UnsafeRawBufferPointer(rebasing: bytes[run.range])
                let isWhole = run.range == 0..<bytes.count
                if run.isDense {
                    let before = texts.count
                    SearchTerms.forEachPair(of: text) { texts.append(TermPattern(octets: Array($0))) }
                    isExact = isWhole && texts.count == before + 1
                } else {
                    let begins: [UInt8] = run.range.lowerBound > 0 ? [0] : []
                    let ends: [UInt8] = run.range.upperBound < bytes.count ? [0] : []
                    texts.append(TermPattern(octets: begins + Array(text) + ends))
                    isExact = isWhole
                }
            }
        }
        self.texts = texts
        self.isExact = isExact && texts.count == 1
    }
}
