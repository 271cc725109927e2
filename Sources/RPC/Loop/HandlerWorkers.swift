/// Tasks that run handlers, one call after another: waking one costs less than making one.
///
/// A task whose call was cancelled is not used again, because a task's cancellation cannot be taken back. Used on the
/// executor's loop only.
final class HandlerWorkers: @unchecked Sendable {
    private struct Work {
        var call: RPCServerCall
        var handler: RPCMethods.Handler
    }

    private final class Worker: @unchecked Sendable {
        var task: Task<Void, Never>?
        /// Resumed with what to do next; nil ends the task.
        var wait: UnsafeContinuation<Work?, Never>?
    }

    /// As many idle tasks as are kept: what one negotiated connection can use at once.
    private static let idleMax = 256

    private let executor: LoopTaskExecutor
    private var idle: [Worker] = []
    private var isStopped = false

    init(executor: LoopTaskExecutor) {
        self.executor = executor
    }

    /// Runs a handler at once, up to its first suspension: one that never waits costs no trip through the loop's queue.
    func run(_ handler: RPCMethods.Handler, _ call: RPCServerCall) {
        call.runsTask = true
        let work = Work(call: call, handler: handler)
        if let worker = idle.popLast(), let wait = worker.wait {
            call.task = worker.task
            executor.runNow { wait.resume(returning: work) }
        } else {
            start(work)
        }
        if call.isAnswered { call.task?.cancel() }
    }

    /// Ends the tasks that wait for work, and those still at it when they are done.
    func stop() {
        isStopped = true
        let workers = idle
        idle = []
        for worker in workers { worker.wait?.resume(returning: nil) }
    }

    /// Detached, and in no group: a worker must not keep the task-locals of the handler during which it happened to be
    /// made, and it has to begin on this loop within this call. `stop` ends it; its calls end with their connections.
    private func start(_ work: Work) {
        let worker = Worker()
        executor.runNow {
            worker.task = Task.detached(executorPreference: executor) { await self.serve(work, worker) }
        }
        if work.call.isRunning { work.call.task = worker.task }
    }

    private func serve(_ first: Work, _ worker: Worker) async {
        var next: Work? = first
        while let work = next {
            switch work.handler {
            case .raw(let body): await work.call.run(body)
            case .stream(let body): await work.call.run(body)
            }
            guard !Task.isCancelled, !isStopped, idle.count < Self.idleMax else { return }
            next = await withUnsafeContinuation { wait in
                worker.wait = wait
                idle.append(worker)
            }
        }
    }
}
