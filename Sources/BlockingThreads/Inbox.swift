import Foundation

/// A bounded queue between asynchronous callers and one or more threads that block.
///
/// Invariants: at most `capacity` elements wait; after `close` nothing is added and what waits is still taken.
package final class Inbox<Element: Sendable>: @unchecked Sendable {
    package enum Refusal: Error { case full, closed }

    private let capacity: Int
    /// Guards the two fields below. A condition and not a `Mutex`, because the taking side sleeps on it.
    private let condition = NSCondition()
    private var waiting: [Element] = []
    private var isClosed = false

    package init(capacity: Int) { self.capacity = capacity }

    package func put(_ element: Element) throws(Refusal) {
        condition.lock()
        defer { condition.unlock() }
        if isClosed { throw .closed }
        if waiting.count >= capacity { throw .full }
        waiting.append(element)
        condition.signal()
    }

    /// How many elements wait.
    package var waitingCount: Int { condition.withLock { waiting.count } }

    /// Blocks until something waits, then takes the oldest elements; nil once closed and empty.
    package func take(max: Int) -> [Element]? {
        condition.lock()
        defer { condition.unlock() }
        while waiting.isEmpty {
            if isClosed { return nil }
            condition.wait()
        }
        if waiting.count <= max {
            defer { waiting = [] }
            return waiting
        }
        let taken = Array(waiting.prefix(max))
        waiting.removeFirst(max)
        return taken
    }

    package func close() {
        condition.lock()
        isClosed = true
        condition.broadcast()
        condition.unlock()
    }
}
