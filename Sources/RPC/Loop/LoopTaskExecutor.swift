import NIOCore

/// Runs tasks on an event loop, so that a call crosses no thread on its way.
///
/// Used on its loop only, but for `enqueue`, which any thread may call.
final class LoopTaskExecutor: TaskExecutor, @unchecked Sendable {
    private let eventLoop: any EventLoop
    /// Set while something is done whose first job is to run at once. Touched on the loop only.
    private var runsNextJobAtOnce = false

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Does something that makes or wakes a task of this executor, and runs that task at once up to its next
    /// suspension, inside this call.
    @inline(__always)
    func runNow(_ wake: () -> Void) {
        eventLoop.assertInEventLoop()
        runsNextJobAtOnce = true
        wake()
        runsNextJobAtOnce = false
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
