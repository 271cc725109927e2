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
        /// What to do next. Taken out before it is done: an idle worker must not keep the last call and its parameters,
        /// which may be megabytes.
        var next: Work?
        /// Resumed with whether there is something to do; false ends the task.
        var wait: UnsafeContinuation<Bool, Never>?
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
            worker.next = work
            executor.runNow { wait.resume(returning: true) }
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
        for worker in workers { worker.wait?.resume(returning: false) }
    }

    /// Detached, and in no group: a worker must not keep the task-locals of the handler during which it happened to be
    /// made, and it has to begin on this loop within this call. `stop` ends it; its calls end with their connections.
    private func start(_ work: Work) {
        let worker = Worker()
        worker.next = work
        executor.runNow {
            worker.task = Task.detached(executorPreference: executor) { await self.serve(worker) }
        }
        if work.call.isRunning { work.call.task = worker.task }
    }

    private func serve(_ worker: Worker) async {
        repeat {
            await Self.work(for: worker)
            guard !Task.isCancelled, !isStopped, idle.count < Self.idleMax else { return }
        } while await withUnsafeContinuation { wait in
            worker.wait = wait
            idle.append(worker)
        }
    }

    /// A function of its own, so that nothing of the call is left when the worker waits.
    private static func work(for worker: Worker) async {
        guard let work = worker.next else { return }
        worker.next = nil
        switch work.handler {
        case .raw(let body): await work.call.run(body)
        case .stream(let body): await work.call.run(body)
        }
    }
}
