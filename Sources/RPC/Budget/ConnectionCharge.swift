/// What one connection has charged to the budget of its process.
///
/// The first 64 KiB are free: small calls, which are nearly all, never touch anything that threads share. Above that,
/// 64 KiB at a time are charged and given back.
package struct ConnectionCharge {
    /// Octets of a connection that are not counted, and the size of a step.
    package static let stepBytes = 64 * 1024

    private let budget: OctetBudget
    private let heldBytesMax: Int
    private var ticket: OctetBudget.Ticket?
    /// What was charged.
    package private(set) var charged = 0
    /// What the connection held when it was last looked at.
    private var held = 0

    package init(budget: OctetBudget, heldBytesMax: Int) {
        self.budget = budget
        self.heldBytesMax = heldBytesMax
    }

    /// True when a connection that holds so much has something to settle.
    @inline(__always)
    package func needsSettling(held: Int) -> Bool { held > Self.stepBytes || charged > 0 || ticket != nil }

    /// Brings the budget up to date. `isUnfinished`: a message is coming that is not small.
    package mutating func settle(held: Int, isUnfinished: Bool) {
        self.held = held
        let above = max(0, held - Self.stepBytes)
        let due = (above + Self.stepBytes - 1) / Self.stepBytes * Self.stepBytes
        if due != charged {
            let change = due - charged
            charged = due
            budget.change(by: change)
        }
        if isUnfinished { begin() } else { endMessage() }
    }

    /// A message is coming that is not small: from now on it has an age.
    package mutating func begin() {
        if ticket == nil { ticket = budget.begin() }
    }

    /// The oldest of this connection's messages is complete, or gone.
    package mutating func endMessage() {
        guard let ticket else { return }
        self.ticket = nil
        budget.end(ticket)
    }

    /// True when this connection's oldest unfinished message is the oldest of the process.
    package var isOldest: Bool { budget.isOldest(ticket) }

    /// True when a connection that holds more than what is free should take nothing more. `others` of its octets belong
    /// to running calls and complete messages: without any of them the connection's own bound is the frame's.
    package func isBlocked(others: Int) -> Bool {
        guard charged > 0 else { return false }
        return isFull(others: others) || budget.isSpent && !isOldest
    }

    /// The connection's own bound is reached.
    private func isFull(others: Int) -> Bool { held > heldBytesMax && others > 0 }

    /// True when this connection, or all together, hold as much as they may, whoever's turn it is to go on.
    package var isSpent: Bool { charged > 0 && (held > heldBytesMax || budget.isSpent) }

    /// What is left to messages in chunks, when `others` octets belong to something else.
    package func room(others: Int, mayRefuse: Bool) -> OctetRoom {
        let bytes = budget.isSpent ? 0 : max(0, heldBytesMax - others)
        return OctetRoom(bytes: bytes, isOldest: isOldest, mayRefuse: mayRefuse)
    }

    /// To be called when blocked. Calls back when octets have become free or another message is the oldest.
    package func wait(others: Int, _ wake: @escaping @Sendable () -> Void) {
        if isFull(others: others) { budget.wait(wake) } else { budget.wait(asOwnerOf: ticket, wake) }
    }
}
