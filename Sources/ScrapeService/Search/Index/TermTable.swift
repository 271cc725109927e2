/// The terms of one field of a segment under way, and the rows that hold each of them.
struct TermTable {
    /// Slots of a hash table, at most two thirds of them taken: a term's number + 1; 0: free.
    private var slots = [UInt32](repeating: 0, count: 16)
    /// The terms, an octet 0 in front of each and behind the last.
    private(set) var octets: [UInt8] = [0]
    /// Where each term begins in them.
    private(set) var starts: [UInt32] = []
    private var lastRows: [Int32] = []
    private var counts: [UInt32] = []
    // One entry for each term of each row, rows in order.
    private var entryTerms: [UInt32] = []
    private var entryRows: [UInt16] = []

    var count: Int { starts.count }

    /// Notes that a row holds a term; rows come in order.
    mutating func add(_ term: UnsafeRawBufferPointer, row: Int) {
        let number = number(of: term)
        guard lastRows[number] != Int32(row) else { return }
        lastRows[number] = Int32(row)
        counts[number] += 1
        entryTerms.append(UInt32(number))
        entryRows.append(UInt16(row))
    }

    /// Calls `body` with the rows of each term, in the order of the terms.
    func forEachList(_ body: (ArraySlice<UInt16>) -> Void) {
        var next = [Int](repeating: 0, count: count)
        var total = 0
        for term in 0..<count {
            next[term] = total
            total += Int(counts[term])
        }
        var sorted = [UInt16](repeating: 0, count: total)
        for (term, row) in zip(entryTerms, entryRows) {
            sorted[next[Int(term)]] = row
            next[Int(term)] += 1
        }
        for term in 0..<count { body(sorted[next[term] - Int(counts[term])..<next[term]]) }
    }

    private mutating func number(of term: UnsafeRawBufferPointer) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: Self.hash(term)) & mask
        while slots[slot] != 0 {
            let number = Int(slots[slot]) - 1
            if isTerm(number, term) { return number }
            slot = (slot + 1) & mask
        }
        slots[slot] = UInt32(count + 1)
        starts.append(UInt32(octets.count))
        octets.append(contentsOf: term)
        octets.append(0)
        lastRows.append(-1)
        counts.append(0)
        if count * 3 > slots.count * 2 { grow() }
        return count - 1
    }

    private func range(of number: Int) -> Range<Int> {
        let end = number + 1 < count ? Int(starts[number + 1]) : octets.count
        return Int(starts[number])..<end - 1
    }

    private func isTerm(_ number: Int, _ term: UnsafeRawBufferPointer) -> Bool {
        let range = range(of: number)
        return range.count == term.count && octets[range].elementsEqual(term)
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        let mask = slots.count - 1
        octets.withUnsafeBytes { bytes in
            for number in 0..<count {
                var slot = Int(
                    truncatingIfNeeded: Self.hash(UnsafeRawBufferPointer(rebasing: bytes[range(of: number)])))
                slot &= mask
                while slots[slot] != 0 { slot = (slot + 1) & mask }
                slots[slot] = UInt32(number + 1)
            }
        }
    }

    /// FNV-1a.
    @inline(__always)
    private static func hash(_ term: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for octet in term { hash = (hash ^ UInt64(octet)) &* 0x0000_0100_0000_01B3 }
        return hash ^ hash >> 32
    }
}
