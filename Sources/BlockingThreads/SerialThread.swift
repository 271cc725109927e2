import Dispatch

/// Runs what it is given one after the other, on a thread of its own that may block; ends once nobody holds it.
package final class SerialThread: Sendable {
    private let inbox = Inbox<@Sendable () -> Void>(capacity: .max)

    /// - Parameter name: At most 15 octets are shown by the system.
    package init(name: String) {
        _ = BlockingThread(name: name) { [inbox] in
            while var bodies = inbox.take(max: .max) {
                bodies.reverse()
                // One by one: what a body holds is let go of when it has run.
                while let body = bodies.popLast() { body() }
            }
        }
    }

    deinit { inbox.close() }

    /// Runs the body after all those before it. Nothing is refused: callers bound what waits.
    package func enqueue(_ body: @escaping @Sendable () -> Void) {
        do throws(Inbox<@Sendable () -> Void>.Refusal) {
            try inbox.put(body)
        } catch {
            preconditionFailure("a serial thread takes everything while it is held, found it \(error)")
        }
    }

    /// Runs the body after all those before it and waits for its end. Never from the thread itself.
    package func run(_ body: @escaping @Sendable () -> Void) {
        let isDone = DispatchSemaphore(value: 0)
        enqueue {
            body()
            isDone.signal()
        }
        isDone.wait()
    }
}
