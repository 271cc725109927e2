import Synchronization

/// Octets of messages that one process holds: frames that are coming, messages in chunks, calls that run.
///
/// Connections charge it as octets arrive. When it is spent they stop taking more, except the one whose unfinished
/// message is the oldest: it may come to its end, so that memory becomes free again, however many others wait.
///
/// Invariants: `tickets` ascend; whoever waits has been told of every change since.
package final class OctetBudget: Sendable {
    /// Names an unfinished message; a lower number is an older one.
    package typealias Ticket = UInt64

    private struct State {
        var bytesMax: Int
        var held = 0
        var lastTicket: Ticket = 0
        var tickets: [Ticket] = []
        var waiting: [@Sendable () -> Void] = []

        func isOldest(_ ticket: Ticket?) -> Bool { tickets.isEmpty || tickets.first == ticket }

        mutating func takeWaiting() -> [@Sendable () -> Void] {
            defer { waiting = [] }
            return waiting
        }
    }

    private let state: Mutex<State>

    /// The budget of this process.
    package static let shared = OctetBudget()
    /// What a process holds unless configured otherwise.
    package static let bytesMaxDefault = 256 << 20

    package init(bytesMax: Int = bytesMaxDefault) {
        state = Mutex(State(bytesMax: bytesMax))
    }

    /// The most that is held, but for the oldest message and what arrives with one read.
    package var bytesMax: Int {
        get { state.withLock { $0.bytesMax } }
        set { state.withLock { $0.bytesMax = newValue } }
    }

    /// What is held now.
    package var held: Int { state.withLock { $0.held } }

    package var isSpent: Bool { state.withLock { $0.held >= $0.bytesMax } }

    /// Counts octets that have arrived, or with a negative number such as have gone.
    package func change(by count: Int) {
        let woken = state.withLock { state in
            state.held += count
            return count < 0 && state.held < state.bytesMax ? state.takeWaiting() : []
        }
        for wake in woken { wake() }
    }

    /// A message has begun that is not small.
    package func begin() -> Ticket {
        state.withLock { state in
            state.lastTicket += 1
            state.tickets.append(state.lastTicket)
            return state.lastTicket
        }
    }

    /// It has come to its end, whichever.
    package func end(_ ticket: Ticket) {
        let woken = state.withLock { state in
            guard let index = state.tickets.firstIndex(of: ticket) else { return [] as [@Sendable () -> Void] }
            state.tickets.remove(at: index)
            return index == 0 ? state.takeWaiting() : []
        }
        for wake in woken { wake() }
    }

    package func isOldest(_ ticket: Ticket?) -> Bool {
        state.withLock { $0.isOldest(ticket) }
    }

    /// Calls back, on any thread and once, when octets have become free or another message is the oldest.
    package func wait(_ wake: @escaping @Sendable () -> Void) {
        state.withLock { $0.waiting.append(wake) }
    }

    /// The same for who waits because the budget is spent and its message is not the oldest. If that has ceased since it
    /// looked, nobody would tell it: it is called back at once.
    package func wait(asOwnerOf ticket: Ticket?, _ wake: @escaping @Sendable () -> Void) {
        let waits = state.withLock { state in
            guard state.held >= state.bytesMax, !state.isOldest(ticket) else { return false }
            state.waiting.append(wake)
            return true
        }
        if !waits { wake() }
    }
}
