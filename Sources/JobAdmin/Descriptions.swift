import JobQueue
import RPC
import ServiceContracts

extension JobFilter {
    init(_ parameters: JobFilterParameters?) throws {
        self.init()
        guard let parameters else { return }
        kind = parameters.kind
        queue = parameters.queue
        createdFrom = parameters.createdFrom.map { JobTime(milliseconds: $0) }
        createdBefore = parameters.createdBefore.map { JobTime(milliseconds: $0) }
        for word in parameters.states ?? [] {
            guard let state = JobState(rawValue: word) else {
                let known = JobState.allCases.map(\.rawValue).joined(separator: ", ")
                throw RPCError(.invalidArgument, reason: "state", "expected \(known), found \(word.prefix(64))")
            }
            states.insert(state)
        }
    }
}

extension JobFilterParameters {
    init(_ filter: JobFilter) {
        self.init()
        kind = filter.kind
        queue = filter.queue
        states = filter.states.map(\.rawValue).sorted()
        createdFrom = filter.createdFrom?.milliseconds
        createdBefore = filter.createdBefore?.milliseconds
    }
}

extension JobDescription {
    init(_ job: JobSnapshot) {
        self.init(
            id: job.id.rawValue, kind: job.kind, queue: job.queue, state: job.state.rawValue, attempt: job.attempt,
            rescues: job.rescues, priority: job.priority, dueAt: job.dueAt.milliseconds,
            createdAt: job.createdAt.milliseconds, startedAt: job.startedAt?.milliseconds,
            endedAt: job.endedAt?.milliseconds, note: job.note)
    }
}

extension JobQueueDescription {
    init(_ queue: QueueStatus) {
        self.init(
            name: queue.name, cap: queue.concurrencyMax, pausedAt: queue.pausedAt?.milliseconds, ready: queue.ready,
            executing: queue.executing)
    }
}
