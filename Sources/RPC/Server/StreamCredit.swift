package import NIOCore

/// Lets pieces of a stream out as credits come in, in order.
///
/// Invariant: pieces wait only while there is no credit, and `starvedSince` is set exactly then.
package struct StreamCredit<Piece> {
    /// How many pieces may still go out.
    package private(set) var credit: Int
    private var waiting = CircularBuffer<Piece>()
    /// Since when something waits for a credit.
    package private(set) var starvedSince: NIODeadline?

    /// A stream whose receiver takes this many pieces at first.
    package init(credit: Int) {
        self.credit = min(credit, RPCStreamOptions.creditMax)
    }

    /// Offers a piece: true when it may go out now, false when it has been put behind the others.
    package mutating func offer(_ piece: Piece, now: NIODeadline) -> Bool {
        if credit > 0 {
            credit -= 1
            return true
        }
        waiting.append(piece)
        if starvedSince == nil { starvedSince = now }
        return false
    }

    /// The receiver takes more; `next` then tells what may go out.
    package mutating func grant(_ count: Int) {
        credit = RPCStreamOptions.sum(credit, count)
    }

    /// The next waiting piece that may go out.
    package mutating func next() -> Piece? {
        guard credit > 0, let piece = waiting.popFirst() else { return nil }
        credit -= 1
        if waiting.isEmpty { starvedSince = nil }
        return piece
    }

    /// Gives up: everything that still waits, to be told so.
    package mutating func removeAll() -> [Piece] {
        defer { waiting.removeAll() }
        starvedSince = nil
        return Array(waiting)
    }
}
