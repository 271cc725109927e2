public import RPC

/// Callbacks of a service, for operators: the same methods for every service, behind its name.
public struct DeliveryContracts: Sendable {
    /// Callbacks, the newest first.
    public let list: RPCContract<DeliveryFilterParameters, DeliveryList>
    /// One callback, with its attempts.
    public let get: RPCContract<DeliveryIDParameters, DeliveryDetail>
    /// Delivers ended callbacks again.
    public let replay: RPCContract<DeliveryFilterParameters, DeliveryReplay>

    /// The methods of a service, such as `export`.
    public init(service: String) {
        list = RPCContract("\(service).delivery.list", isIdempotent: true)
        get = RPCContract("\(service).delivery.get", isIdempotent: true)
        replay = RPCContract("\(service).delivery.replay")
    }

    /// Every name.
    public var names: [String] { [list.name, get.name, replay.name] }
}

/// Which callbacks, of `SERVICE.delivery.list` and `SERVICE.delivery.replay`. All that is given has to fit.
public struct DeliveryFilterParameters: Codable, Sendable, Hashable {
    /// Its id; of `replay` only.
    public var id: String?
    /// `waiting`, `delivered` or `failed`.
    public var state: String?
    /// The receiver, exactly.
    public var url: String?
    /// Queued in this second since 1970 or later.
    public var since: Int?
    /// Queued before this second since 1970.
    public var until: Int?
    /// The id of a delivery, such as the last of an answer with `more`: only older ones are wanted; of `list` only.
    public var after: String?
    /// The most deliveries; of `list` only.
    public var limit: Int?
    /// The most octets of the answer; of `list` only.
    public var bytesMax: Int?

    /// Every delivery.
    public init() {}

    enum CodingKeys: String, CodingKey {
        case id, state, url, since, until, after, limit
        case bytesMax = "max_bytes"
    }
}

/// What became of a callback so far.
public struct DeliverySummary: Codable, Sendable, Hashable {
    /// The `webhook-id`; the same for every attempt and replay.
    public var id: String
    /// Its receiver.
    public var url: String
    /// `waiting`, `delivered` or `failed`.
    public var state: String
    /// Attempts since it was queued, or since its last replay.
    public var attempts: Int
    /// RFC 3339, as all times here.
    public var createdAt: String
    /// When the next attempt is due, while it waits.
    public var nextAt: String?
    /// When it was delivered or given up.
    public var endedAt: String?
    /// What the receiver answered last.
    public var status: Int?
    /// What was wrong last; absent after a success.
    public var error: String?

    /// A delivery.
    public init(
        id: String, url: String, state: String, attempts: Int, createdAt: String, nextAt: String?, endedAt: String?,
        status: Int?, error: String?
    ) {
        self.id = id
        self.url = url
        self.state = state
        self.attempts = attempts
        self.createdAt = createdAt
        self.nextAt = nextAt
        self.endedAt = endedAt
        self.status = status
        self.error = error
    }

    enum CodingKeys: String, CodingKey {
        case id, url, state, attempts, status, error
        case createdAt = "created_at"
        case nextAt = "next_at"
        case endedAt = "ended_at"
    }
}

/// Callbacks that fit, the newest first.
public struct DeliveryList: Codable, Sendable, Hashable {
    /// As many as were asked for, or as there was room for.
    public var items: [DeliverySummary]
    /// There are older ones that fit: ask again `after` the last of these.
    public var more: Bool

    /// A list.
    public init(items: [DeliverySummary], more: Bool) {
        self.items = items
        self.more = more
    }
}

/// One attempt to deliver a callback.
public struct DeliveryLogEntry: Codable, Sendable, Hashable {
    /// 1 for the first since it was queued or replayed.
    public var attempt: Int
    /// RFC 3339.
    public var startedAt: String
    /// Milliseconds until the answer, or until it was given up.
    public var durationMilliseconds: Int
    /// What the receiver answered; absent without an answer.
    public var status: Int?
    /// What was wrong; absent for a success.
    public var error: String?

    /// An attempt.
    public init(attempt: Int, startedAt: String, durationMilliseconds: Int, status: Int?, error: String?) {
        self.attempt = attempt
        self.startedAt = startedAt
        self.durationMilliseconds = durationMilliseconds
        self.status = status
        self.error = error
    }

    enum CodingKeys: String, CodingKey {
        case attempt, status, error
        case startedAt = "started_at"
        case durationMilliseconds = "duration_ms"
    }
}

/// A callback with what is sent and every attempt that is remembered.
public struct DeliveryDetail: Codable, Sendable, Hashable {
    /// What became of it.
    public var delivery: DeliverySummary
    /// What is sent.
    public var body: String
    /// The newest first, at most 100.
    public var log: [DeliveryLogEntry]

    /// A callback.
    public init(delivery: DeliverySummary, body: String, log: [DeliveryLogEntry]) {
        self.delivery = delivery
        self.body = body
        self.log = log
    }
}

/// Names one callback.
public struct DeliveryIDParameters: Codable, Sendable, Hashable {
    /// Its `webhook-id`.
    public var id: String

    /// The callback of this id.
    public init(id: String) { self.id = id }
}

/// What a replay has done.
public struct DeliveryReplay: Codable, Sendable, Hashable {
    /// As many callbacks are delivered again.
    public var replayed: Int
    /// There are more that fit: ask again.
    public var more: Bool
    /// What they had to fit, as it was understood.
    public var filter: DeliveryFilterParameters

    /// A replay.
    public init(replayed: Int, more: Bool, filter: DeliveryFilterParameters) {
        self.replayed = replayed
        self.more = more
        self.filter = filter
    }
}
