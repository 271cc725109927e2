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
    /// The most octets of the answer, 1,000 and more; 90,000 for a plain peer that does not say.
    public var bytesMax: Int?

    /// The newest jobs.
    public init(filter: JobFilterParameters? = nil, before: Int64? = nil, limit: Int? = nil) {
        self.filter = filter
        self.before = before
        self.limit = limit
    }

    enum CodingKeys: String, CodingKey {
        case filter, before, limit
        case bytesMax = "max_bytes"
    }
}

/// Jobs, newest first.
public struct JobListResult: Codable, Sendable, Hashable {
    /// The jobs.
    public var items: [JobDescription]
    /// Whether there are older ones.
    public var more: Bool
    /// What `before` is for the next part; left out at the end.
    public var next: Int64?

    /// A part of the list.
    public init(items: [JobDescription], next: Int64?) {
        self.items = items
        more = next != nil
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
