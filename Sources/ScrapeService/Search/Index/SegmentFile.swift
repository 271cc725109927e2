/// A segment as it is stored: parts of some kibibytes each, so that a search reads only those it needs.
///
/// Field 0 has the rows' numbers; field n is the nth path, whose part 0 says which terms there are and where the others
/// have their rows. Integers are little-endian.
struct SegmentFile: Sendable {
    struct Part: Sendable {
        let field: Int
        let number: Int
        let octets: [UInt8]
    }

    /// Octets of rows in one part.
    static let partOctetsMax = 1 << 16
    /// In place of a count: a set follows.
    static let setMark = UInt16.max

    let ids: [Int64]
    let octets: Int
    let paths: [String]
    private(set) var parts: [Part] = []

    init(_ builder: SegmentBuilder) {
        ids = builder.ids
        octets = builder.octets
        var paths: [String] = []
        var parts: [Part] = []
        var rows: [UInt8] = []
        builder.loose.append(to: &rows)
        for id in builder.ids { rows.append(integer: id) }
        parts.append(Part(field: 0, number: 0, octets: rows))
        builder.forEachField { path, present, terms in
            paths.append(path)
            Self.append(terms, present, field: paths.count, to: &parts)
        }
        self.paths = paths
        self.parts = parts
    }

    private static func append(_ terms: TermTable, _ present: RowSet, field: Int, to parts: inout [Part]) {
        var places: [UInt32] = []
        places.reserveCapacity(terms.count)
        var lists: [UInt8] = []
        var number = 1
        terms.forEachList { rows in
            let isSet = rows.count * 2 >= RowSet.octetCount
            let length = 2 + (isSet ? RowSet.octetCount : rows.count * 2)
            if lists.count + length > partOctetsMax {
                parts.append(Part(field: field, number: number, octets: lists))
                lists = []
                number += 1
            }
            places.append(UInt32(number << 16 | lists.count))
            if isSet {
                lists.append(integer: setMark)
                var set = RowSet()
                for row in rows { set.insert(Int(row)) }
                set.append(to: &lists)
            } else {
                lists.append(integer: UInt16(rows.count))
                for row in rows { lists.append(integer: row) }
            }
        }
        if !lists.isEmpty { parts.append(Part(field: field, number: number, octets: lists)) }
        var head: [UInt8] = []
        head.append(integer: UInt32(terms.count))
        present.append(to: &head)
        for start in terms.starts { head.append(integer: start) }
        for place in places { head.append(integer: place) }
        head += terms.octets
        parts.append(Part(field: field, number: 0, octets: head))
    }
}

extension [UInt8] {
    fileprivate mutating func append(integer: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: integer.littleEndian) { append(contentsOf: $0) }
    }
}
