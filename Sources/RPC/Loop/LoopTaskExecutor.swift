import NIOCore

/// Runs the tasks of handlers on an event loop, so that a call crosses no thread on its way.
///
/// Used on its loop only, but for `enqueue`, which any thread may call.
final class LoopTaskExecutor: TaskExecutor, @unchecked Sendable {
    private let eventLoop: any EventLoop
    /// Set while a task is being made whose first part is to run at once. Touched on the loop only.
    private var runsNextJobAtOnce = false

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Makes a task and runs it at once up to its first suspension: a handler that never waits costs no trip through
    /// the loop's queue.
    func start(_ body: @escaping @Sendable () async -> Void) -> Task<Void, Never> {
        eventLoop.preconditionInEventLoop()
        runsNextJobAtOnce = true
        defer { runsNextJobAtOnce = false }
        return Task(executorPreference: self, operation: body)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if eventLoop.inEventLoop, runsNextJobAtOnce {
            runsNextJobAtOnce = false
            job.runSynchronously(on: asUnownedTaskExecutor())
        } else {
            eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        }
    }
}
