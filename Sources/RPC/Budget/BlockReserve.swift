import NIOCore

/// Which blocks of memory are kept for the next one who needs such a block.
///
/// Memory fresh from the system costs more than all that is then done with a message: each of its pages has to be found
/// and cleared when it is first written to. A block that has just been used costs nothing. No memory of its own and no
/// clock; `Block` is what its owner calls one.
struct BlockReserve<Block> {
    /// As many as one body on its way through a gateway and a service of the same process takes.
    static var countMax: Int { 2 }
    /// How long a block waits for its next use.
    static var patience: TimeAmount { .seconds(1) }

    /// In the order in which they came.
    private var kept: [(block: Block, since: NIODeadline)] = []

    /// The block that came last: the others are the sooner not needed.
    mutating func take() -> Block? { kept.popLast()?.block }

    /// Takes a block that is not in use; false when there are enough.
    mutating func keep(_ block: Block, now: NIODeadline) -> Bool {
        guard kept.count < Self.countMax else { return false }
        kept.append((block, now))
        return true
    }

    /// When the first block will have waited long enough; nil when there is none.
    var expiry: NIODeadline? { kept.first.map { $0.since + Self.patience } }

    /// The blocks that have.
    mutating func expire(now: NIODeadline) -> [Block] {
        let count = kept.prefix { $0.since + Self.patience <= now }.count
        defer { kept.removeFirst(count) }
        return kept.prefix(count).map(\.block)
    }
}
