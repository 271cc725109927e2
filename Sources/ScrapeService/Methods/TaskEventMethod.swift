import Database
import JobAdmin
import JSONBytes
import JobQueue
import NIOCore
import RPC
import ServiceContracts

/// `scrape.task.events`: progress until the execution ends, then the task itself.
struct TaskEventMethod: Sendable {
    /// An execution may wait for many windows; whoever watches longer asks again.
    static let timeout = Duration.seconds(6 * 3600)

    let rules: ScrapeRules

    func register(in methods: inout RPCMethods) {
        let options = RPCMethodOptions(timeout: Self.timeout, isLong: true, isIdempotent: true)
        methods.register(
            ScrapeMethods.events.name, options: options,
            raw: { context in try await ScrapeFaults.translating { try await follow(context) } })
    }

    private func follow(_ context: RPCContext) async throws -> ByteBuffer {
        var call = try CallFields(context.params)
        let name = call.text("task_id")
        try call.check()
        let task = try await rules.task(name)
        if task.state.status == .running, let job = task.job { try await relay(job, of: task.name, context) }
        return TaskMethods.reply(try await rules.task(name))
    }

    private func relay(_ job: JobID, of task: String, _ context: RPCContext) async throws {
        let events: JobEvents
        do {
            events = try await rules.queue.events(of: job)
        } catch JobError.unknownJob {
            return  // it has ended and was removed
        } catch JobError.tooManyWatchers(let limit) {
            throw RPCError(.resourceExhausted, reason: "watchers", "expected at most \(limit) watchers of tasks")
        }
        for await event in events {
            switch event {
            case .progress(let progress): context.progress(report(progress, nil, of: task))
            case .state(let state):
                if state.isTerminal || state == .cancelling { return }
                // It waits for its time: for what, and until when.
                if state == .scheduled { try await reportWait(of: task, job, context) }
            }
        }
        // The stream ends early only when the watching task is cancelled or the queue stops.
        try Task.checkCancellation()
        throw JobAdmin.watchCutShort
    }

    private func reportWait(of task: String, _ job: JobID, _ context: RPCContext) async throws {
        let queue = rules.queue
        let (wait, progress) = try await rules.database.read { transaction in
            (try TaskStore(transaction).task(task)?.state.wait, try queue.progress(of: job, in: transaction))
        }
        if let wait { context.progress(report(progress ?? JobProgress(done: 0), wait, of: task)) }
    }

    private func report(_ progress: JobProgress, _ wait: ScrapeWait?, of task: String) -> ByteBuffer {
        var writer = JSONWriter()
        writer.beginObject()
        writer.text("task_id", task)
        writer.text("status", ScrapeStatus.running.rawValue)
        writer.number("fetched", progress.done)
        writer.key("limit")
        if let total = progress.total { writer.integer(total) } else { writer.null() }
        if let wait {
            writer.text("phase", wait.phase.rawValue)
            writer.text("phase_until", UTCTime.text(wait.until))
        }
        writer.endObject()
        return ByteBuffer(bytes: writer.bytes)
    }
}
