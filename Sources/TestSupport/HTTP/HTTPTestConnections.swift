import Synchronization

/// The tasks that serve a test server's connections, one each.
///
/// Not a task group fed by the listener: a connection accepted while the group ends would be dropped unserved, which NIO
/// takes for a programming error and ends the process.
final class HTTPTestConnections: Sendable {
    private struct State {
        var isClosed = false
        var tasks: [Int: Task<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    /// Serves a connection; after ``cancelAll()`` its task is cancelled from the start, and still runs.
    func start(_ number: Int, _ serve: @escaping @Sendable () async -> Void) {
        state.withLock { state in
            let task = Task {
                await serve()
                self.state.withLock { $0.tasks[number] = nil }
            }
            state.tasks[number] = task
            if state.isClosed { task.cancel() }
        }
    }

    /// Cancels every task, now and later, and returns those at work.
    func cancelAll() -> [Task<Void, Never>] {
        let tasks = state.withLock { state in
            state.isClosed = true
            return Array(state.tasks.values)
        }
        for task in tasks { task.cancel() }
        return tasks
    }
}
