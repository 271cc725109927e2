import BlockingThreads

/// Runs an actor on a thread to block: libxlsxwriter, the zip and fsync wait for the disk, and the threads that run
/// tasks must not.
final class BlockingExecutor: SerialExecutor {
    private let thread: SerialThread

    init(name: String) { thread = SerialThread(name: name) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        thread.enqueue { [self] in job.runSynchronously(on: asUnownedSerialExecutor()) }
    }
}
