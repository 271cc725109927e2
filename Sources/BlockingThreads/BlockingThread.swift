import Foundation

/// A named thread for calls that block, which asynchronous code can wait for.
///
/// The engine's calls wait for the disk; on the shared cooperative threads they would hold up everything else.
package final class BlockingThread: Sendable {
    private let end = Occurrence()

    package init(name: String, body: @escaping @Sendable () -> Void) {
        let thread = Thread { [end] in
            body()
            end.occur()
        }
        thread.name = name
        // Enough for the engine's deepest statement and the closures of callers.
        thread.stackSize = 2 << 20
        thread.start()
    }

    /// Returns when the thread's body has, or when the task is cancelled.
    package func ended() async { await end.wait() }
}
