/// Which known word somebody meant.
enum ClosestWord {
    /// The word that takes the fewest changes of one character; nil when even that one is mostly another.
    static func find(_ word: String, among known: [String]) -> String? {
        let distances = known.map { ($0, distance(Array(word.utf8), Array($0.utf8))) }
        guard let best = distances.min(by: { $0.1 < $1.1 }), best.1 * 3 <= word.utf8.count else { return nil }
        return best.0
    }

    /// Levenshtein's distance: insertions, deletions and replacements.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var previous = Array(0...right.count)
        for (row, octet) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                let replaced = previous[column] + (octet == other ? 0 : 1)
                current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[right.count]
    }
}
