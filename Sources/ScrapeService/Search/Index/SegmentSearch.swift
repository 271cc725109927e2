import Database

/// Asks segments which of their results hold the pairs of a query.
struct SegmentSearch {
    struct Hits {
        /// Surely.
        var ids: [Int64] = []
        /// Perhaps: they are to be looked at themselves.
        var doubtful: [Int64] = []
    }

    /// What one pair means in one segment.
    private struct PairTerms {
        /// The field of the pair's very path; it hides the others where a result has it.
        var own: FieldTerms?
        var others: [FieldTerms] = []
    }

    private struct FieldTerms {
        let field: Int
        let present: RowSet
        /// Where the rows are of the terms that fit, for each pattern; rows have to be in one of each.
        var texts: [[Int64: [Int]]]
        var literal: [Int64: [Int]]
    }

    let store: IndexStore
    let cache: PartCache
    let query: SearchQuery
    private let patterns: [ValuePatterns]
    private let names: [String]

    init(_ store: IndexStore, _ cache: PartCache, _ query: SearchQuery) {
        self.store = store
        self.cache = cache
        self.query = query
        patterns = query.data.map { ValuePatterns($0.value) }
        names = query.data.map { $0.path.joined(separator: ".") }
    }

    func hits(in segments: [SegmentRecord]) throws -> Hits {
        var parts: [Int64: [UInt8]] = [:]
        let fields = segments.map { segment in names.map { Self.fields($0, of: segment) } }
        try load(
            zip(segments, fields).flatMap { segment, fields in
                [PartKey.make(segment.id, field: 0, number: 0)]
                    + fields.joined().map { PartKey.make(segment.id, field: $0.number, number: 0) }
            }, into: &parts)
        let terms = zip(segments, fields).map { segment, fields in
            zip(fields, patterns).map { Self.terms($0, $1, of: segment.id, parts) }
        }
        try load(
            terms.joined().flatMap { pair in
                ([pair.own].compactMap { $0 } + pair.others).flatMap { field in
                    (field.texts + [field.literal]).flatMap(\.keys)
                }
            }, into: &parts)
        var hits = Hits()
        for (segment, terms) in zip(segments, terms) { collect(segment, terms, parts, &hits) }
        return hits
    }

    /// Fields whose path is a name or ends with it.
    private static func fields(_ name: String, of segment: SegmentRecord) -> [(number: Int, isOwn: Bool)] {
        segment.paths.enumerated().compactMap { index, path in
            path == name ? (index + 1, true) : path.hasSuffix(".\(name)") ? (index + 1, false) : nil
        }
    }

    private static func terms(
        _ fields: [(number: Int, isOwn: Bool)], _ patterns: ValuePatterns, of segment: Int64, _ parts: [Int64: [UInt8]]
    ) -> PairTerms {
        var terms = PairTerms()
        for (number, isOwn) in fields {
            guard let octets = parts[PartKey.make(segment, field: number, number: 0)] else { continue }
            let head = SegmentField(octets)
            func places(_ pattern: TermPattern) -> [Int64: [Int]] {
                var places: [Int64: [Int]] = [:]
                for place in head.places(of: pattern) {
                    let key = PartKey.make(segment, field: number, number: Int(place >> 16))
                    places[key, default: []].append(Int(place & 0xFFFF))
                }
                return places
            }
            let field = FieldTerms(
                field: number, present: head.present, texts: patterns.texts.map(places),
                literal: patterns.literal.map(places) ?? [:])
            if isOwn { terms.own = field } else { terms.others.append(field) }
        }
        return terms
    }

    private func collect(
        _ segment: SegmentRecord, _ terms: [PairTerms], _ parts: [Int64: [UInt8]], _ hits: inout Hits
    ) {
        guard let numbers = parts[PartKey.make(segment.id, field: 0, number: 0)] else { return }
        var rows: RowSet?
        for pair in terms {
            var holding = RowSet()
            for other in pair.others { holding.formUnion(Self.rows(other, parts)) }
            if let own = pair.own {
                holding.subtract(own.present)
                holding.formUnion(Self.rows(own, parts))
            }
            rows?.formIntersection(holding)
            if rows == nil { rows = holding }
        }
        guard var rows else { return }
        numbers.withUnsafeBytes { bytes in
            func id(_ row: Int) -> Int64 {
                Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: RowSet.octetCount + row * 8, as: Int64.self))
            }
            let loose = RowSet(bytes, at: 0)
            loose.forEach { hits.doubtful.append(id($0)) }
            rows.subtract(loose)
            if patterns.allSatisfy(\.isExact) {
                rows.forEach { hits.ids.append(id($0)) }
            } else {
                rows.forEach { hits.doubtful.append(id($0)) }
            }
        }
    }

    private static func rows(_ field: FieldTerms, _ parts: [Int64: [UInt8]]) -> RowSet {
        var rows = field.texts.isEmpty ? field.present : union(field.texts[0], parts)
        for places in field.texts.dropFirst() { rows.formIntersection(union(places, parts)) }
        rows.formUnion(union(field.literal, parts))
        return rows
    }

    /// Rows of all these lists.
    private static func union(_ places: [Int64: [Int]], _ parts: [Int64: [UInt8]]) -> RowSet {
        var rows = RowSet()
        for (key, offsets) in places {
            parts[key]?.withUnsafeBytes { bytes in
                func integer(_ offset: Int) -> UInt16 {
                    UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
                }
                for offset in offsets {
                    let count = integer(offset)
                    if count == SegmentFile.setMark {
                        rows.formUnion(RowSet(bytes, at: offset + 2))
                    } else {
                        for index in 0..<Int(count) { rows.insert(Int(integer(offset + 2 + index * 2))) }
                    }
                }
            }
        }
        return rows
    }

    private func load(_ keys: [Int64], into parts: inout [Int64: [UInt8]]) throws {
        var missing: [Int64] = []
        for key in Set(keys) {
            if let known = cache.part(key) { parts[key] = known } else { missing.append(key) }
        }
        try store.forEachPart(missing.sorted()) { key, octets in
            parts[key] = octets
            cache.keep(key, octets)
        }
    }
}
