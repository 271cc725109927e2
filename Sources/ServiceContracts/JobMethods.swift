public import RPC

/// Jobs and queues of a service, for operators: the same methods for every service, behind its name.
public struct JobMethods: Sendable {
    /// Jobs that fit a filter, newest first, page by page.
    public let list: RPCContract<JobListParameters, JobListResult>
    /// One job.
    public let show: RPCContract<JobParameters, JobDescription>
    /// One job whenever it changes, as items of the stream, and its progress; the answer is the job as it ended.
    public let watch: RPCContract<JobParameters, JobDescription>
    /// Asks a job to become cancelled; one that has ended stays as it is.
    public let cancel: RPCContract<JobParameters, JobDescription>
    /// Starts failed jobs again, oldest first, each once; says how many fit.
    public let redrive: RPCContract<JobRedriveParameters, JobRedriveResult>
    /// Queues, what waits in them and what runs.
    public let queues: RPCContract<RPCNothing, JobQueueList>
    /// Starts nothing more of a queue; what runs goes on.
    public let pause: RPCContract<JobQueueParameters, JobQueueDescription>
    /// Lets a queue start jobs again.
    public let resume: RPCContract<JobQueueParameters, JobQueueDescription>
    /// Sets how many jobs of a queue run at the same time, over all replicas.
    public let cap: RPCContract<JobCapParameters, JobQueueDescription>

    /// The methods of a service, such as `export`.
    public init(service: String) {
        list = RPCContract("\(service).jobs.list", isIdempotent: true)
        show = RPCContract("\(service).jobs.show", isIdempotent: true)
        watch = RPCContract("\(service).jobs.watch", isIdempotent: true)
        cancel = RPCContract("\(service).jobs.cancel", isIdempotent: true)
        redrive = RPCContract("\(service).jobs.redrive")
        queues = RPCContract("\(service).queues.list", isIdempotent: true)
        pause = RPCContract("\(service).queues.pause", isIdempotent: true)
        resume = RPCContract("\(service).queues.resume", isIdempotent: true)
        cap = RPCContract("\(service).queues.cap", isIdempotent: true)
    }

    /// Every name.
    public var names: [String] {
        [
            list.name, show.name, watch.name, cancel.name, redrive.name, queues.name, pause.name, resume.name, cap.name,
        ]
    }
}

/// Which jobs; what is left out does not restrict.
public struct JobFilterParameters: Codable, Sendable, Hashable {
    /// The handler's name.
    public var kind: String?
    /// Whose slots it uses.
    public var queue: String?
    /// `blocked`, `scheduled`, `ready`, `running`, `cancelling`, `succeeded`, `failed`, `cancelled`.
    public var states: [String]?
    /// Milliseconds since 1970: jobs made then or later.
    public var createdFrom: Int64?
    /// Milliseconds since 1970: jobs made before.
    public var createdBefore: Int64?

    /// Every job.
    public init() {}

    enum CodingKeys: String, CodingKey {
        case kind, queue, states
        case createdFrom = "created_from"
        case createdBefore = "created_before"
    }
}

/// A part of the list of jobs.
public struct JobListParameters: Codable, Sendable, Hashable {
    /// Which jobs; without it all.
    public var filter: JobFilterParameters?
    /// Only jobs older than this one: `next` of the last answer.
    public var before: Int64?
    /// Jobs of one answer, 1 … 1,000; 50 without it.
    public var limit: Int?

    /// The newest jobs.
    public init(filter: JobFilterParameters? = nil, before: Int64? = nil, limit: Int? = nil) {
        self.filter = filter
        self.before = before
        self.limit = limit
    }
}

/// Jobs, newest first.
public struct JobListResult: Codable, Sendable, Hashable {
    /// The jobs.
    public var items: [JobDescription]
    /// What `before` is for the next part; null at the end.
    public var next: Int64?

    /// A part of the list.
    public init(items: [JobDescription], next: Int64?) {
        self.items = items
        self.next = next
    }
}

/// Names a job.
public struct JobParameters: Codable, Sendable, Hashable {
    /// Its number.
    public var id: Int64

    /// The job with this number.
    public init(id: Int64) { self.id = id }
}

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

/// Which failed jobs to start again.
public struct JobRedriveParameters: Codable, Sendable, Hashable {
    /// Which; its states are ignored, failed ones are meant.
    public var filter: JobFilterParameters?
    /// Only this job.
    public var id: Int64?
    /// Jobs started by this call; 0 only counts; 100 without it, at most 1,000.
    public var limit: Int?

    /// Failed jobs that fit.
    public init(filter: JobFilterParameters? = nil, id: Int64? = nil, limit: Int? = nil) {
        self.filter = filter
        self.id = id
        self.limit = limit
    }
}

/// What was started again.
public struct JobRedriveResult: Codable, Sendable, Hashable {
    /// A failed job, and the one that stands for it now.
    public struct Pair: Codable, Sendable, Hashable {
        /// The one that failed.
        public var old: Int64
        /// The one that runs.
        public var new: Int64

        /// Two jobs.
        public init(old: Int64, new: Int64) {
            self.old = old
            self.new = new
        }
    }

    /// The filter as it was understood.
    public var filter: JobFilterParameters
    /// Failed jobs that fit it and were not started again before.
    public var matched: Int
    /// Those that were, now.
    public var redriven: [Pair]

    /// What a redrive did.
    public init(filter: JobFilterParameters, matched: Int, redriven: [Pair]) {
        self.filter = filter
        self.matched = matched
        self.redriven = redriven
    }
}

/// Names a queue.
public struct JobQueueParameters: Codable, Sendable, Hashable {
    /// Its name.
    public var queue: String

    /// The queue of this name.
    public init(queue: String) { self.queue = queue }
}

/// A queue and its cap.
public struct JobCapParameters: Codable, Sendable, Hashable {
    /// Its name.
    public var queue: String
    /// Jobs at the same time, over all replicas; null goes back to the replicas' settings.
    public var cap: Int?

    /// A cap for a queue.
    public init(queue: String, cap: Int?) {
        self.queue = queue
        self.cap = cap
    }
}

/// A queue as it is now.
public struct JobQueueDescription: Codable, Sendable, Hashable {
    /// Its name.
    public var name: String
    /// Jobs at the same time; null: what the replicas' settings say.
    public var cap: Int?
    /// Since when it starts nothing, in milliseconds since 1970.
    public var pausedAt: Int64?
    /// Jobs that wait for a slot.
    public var ready: Int
    /// Executions that exist; a paused queue without any is drained.
    public var executing: Int

    /// A queue.
    public init(name: String, cap: Int?, pausedAt: Int64?, ready: Int, executing: Int) {
        self.name = name
        self.cap = cap
        self.pausedAt = pausedAt
        self.ready = ready
        self.executing = executing
    }

    enum CodingKeys: String, CodingKey {
        case name, cap, ready, executing
        case pausedAt = "paused_at"
    }
}

/// All queues of a service.
public struct JobQueueList: Codable, Sendable, Hashable {
    /// The queues, by name.
    public var items: [JobQueueDescription]

    /// Queues.
    public init(items: [JobQueueDescription]) { self.items = items }
}
