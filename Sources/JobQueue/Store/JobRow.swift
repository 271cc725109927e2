import Database

/// The hot row of a job, and the machine that decides over it.
struct JobRow: Sendable {
    let id: JobID
    let kind: String
    let queue: String
    var machine: JobMachine
    /// The fence of the execution that physically exists.
    let executing: JobFence?
    let keyCount: Int
    let dueAt: JobTime
    let startedAt: JobTime?
    /// The process that executes it; nil where there is only one.
    let worker: String?
    /// Whether other jobs wait for its success.
    let hasDependents: Bool

    static let columns: SQL =
        "id, kind, queue, state, attempt, fence, rescues, executing, key_count, due_at, started_at, worker, has_dependents"

    init(_ row: Row) throws {
        id = try row.get("id")
        kind = try row.get("kind")
        queue = try row.get("queue")
        machine = JobMachine(
            state: try row.get("state"), attempt: try row.get("attempt"), fence: try row.get("fence"),
            rescues: try row.get("rescues"))
        executing = try row.get("executing")
        keyCount = try row.get("key_count")
        dueAt = try row.get("due_at")
        startedAt = try row.get("started_at")
        worker = try row.get("worker")
        hasDependents = try row.get("has_dependents")
    }
}
