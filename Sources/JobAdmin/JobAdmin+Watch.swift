import Database
import JobQueue
package import RPC
import ServiceContracts

extension JobAdmin {
    /// A job may wait for its turn and run as long as this; whoever watches for longer begins again.
    static let watchTimeout = Duration.seconds(7 * 86_400)

    /// The queue has stopped before the job: whoever watches begins again, here or elsewhere.
    package static let watchCutShort = RPCError(
        .unavailable, reason: "stopping", "the service stops before the job has ended: watch it again")

    /// Tells a job's changes until it has ended, from the queue's own events: nothing is asked again and again.
    func watch(_ id: Int64, _ context: RPCContext) async throws -> JobDescription {
        let events: JobEvents
        do {
            events = try await translating { try await queue.events(of: JobID(rawValue: id)) }
        } catch JobError.unknownJob {
            throw RPCError(.notFound, reason: "job", "no job with the number \(id)")
        } catch JobError.tooManyWatchers(let limit) {
            throw RPCError(.resourceExhausted, reason: "watchers", "expected at most \(limit) watchers of jobs")
        }
        for await event in events {
            switch event {
            case .state: try await context.item(RPCCoding.encode(show(id)))
            case .progress(let progress): context.progress(try RPCCoding.encode(JobProgressDescription(progress)))
            }
        }
        // The stream ends early only when the watching task is cancelled or the queue stops.
        try Task.checkCancellation()
        let job = try await show(id)
        guard JobState(rawValue: job.state)?.isTerminal == true else { throw Self.watchCutShort }
        return job
    }
}

extension JobProgressDescription {
    init(_ progress: JobProgress) { self.init(done: progress.done, total: progress.total, note: progress.note) }
}
