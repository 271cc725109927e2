import Synchronization

/// A value that a test and its child tasks may touch.
///
/// A `Mutex` of its own cannot be captured by several child tasks; in a class it can.
package final class Shared<Value: Sendable>: Sendable {
    private let storage: Mutex<Value>

    package init(_ value: Value) {
        storage = Mutex(value)
    }

    package var value: Value {
        storage.withLock { $0 }
    }

    package func change<Answer: Sendable>(_ body: @Sendable (inout Value) -> Answer) -> Answer {
        storage.withLock { body(&$0) }
    }
}
