/// A job as it is now. Times are milliseconds since 1970.
public struct JobDescription: Codable, Sendable, Hashable {
    /// Its number.
    public var id: Int64
    /// The handler's name.
    public var kind: String
    /// Whose slots it uses.
    public var queue: String
    /// Where it is.
    public var state: String
    /// Attempts begun and not given back.
    public var attempt: Int
    /// How often a process died under it since its last progress.
    public var rescues: Int
    /// Higher runs earlier.
    public var priority: Int
    /// Not before this instant.
    public var dueAt: Int64
    /// When it was accepted.
    public var createdAt: Int64
    /// When its last execution began.
    public var startedAt: Int64?
    /// When it ended.
    public var endedAt: Int64?
    /// Why it failed, waits or is parked.
    public var note: String?
    /// How far it is, when it was asked for alone and has said so.
    public var progress: Progress?

    /// How far a job is, in units of its own.
    public struct Progress: Codable, Sendable, Hashable {
        /// What is done.
        public var done: Int
        /// Of how much; nil while unknown.
        public var total: Int?
        /// What the job says of it beyond that.
        public var note: String?

        /// Progress of a job.
        public init(done: Int, total: Int?, note: String?) {
            self.done = done
            self.total = total
            self.note = note
        }
    }

    /// A job.
    public init(
        id: Int64, kind: String, queue: String, state: String, attempt: Int, rescues: Int, priority: Int, dueAt: Int64,
        createdAt: Int64, startedAt: Int64?, endedAt: Int64?, note: String?
    ) {
        self.id = id
        self.kind = kind
        self.queue = queue
        self.state = state
        self.attempt = attempt
        self.rescues = rescues
        self.priority = priority
        self.dueAt = dueAt
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.note = note
    }

    enum CodingKeys: String, CodingKey {
        case id, kind, queue, state, attempt, rescues, priority, note, progress
        case dueAt = "due_at"
        case createdAt = "created_at"
        case startedAt = "started_at"
        case endedAt = "ended_at"
    }
}

/// How far a job is, in the unit of its kind.
public struct JobProgressDescription: Codable, Sendable, Hashable {
    /// What is done.
    public var done: Int
    /// What there is to do; nil when nobody knows.
    public var total: Int?
    /// What it is at, in words.
    public var note: String?

    /// A progress.
    public init(done: Int, total: Int?, note: String?) {
        self.done = done
        self.total = total
        self.note = note
    }
}
