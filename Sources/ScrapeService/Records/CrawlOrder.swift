import Database
import ServiceContracts

/// What is to be fetched, with what, and what becomes of known items: a task's is that of its next execution, an
/// execution's is the snapshot of its start.
struct CrawlOrder: Sendable {
    let type: ScrapeTaskType
    /// JSON, as it was given.
    var parameters: [UInt8]
    var accountID: String?
    var proxyID: String?
    var dedup: DedupPolicy

    init(_ row: Row) throws {
        guard let type = ScrapeTaskType(rawValue: try row.get("task_type")),
            let dedup = DedupPolicy(rawValue: try row.get("dedup"))
        else { throw DatabaseError(.decoding, "expected what is to be fetched, found another row") }
        self.type = type
        self.dedup = dedup
        parameters = try row.get("parameters")
        accountID = try row.get("account_id")
        proxyID = try row.get("proxy_id")
    }
}

/// How far a task or an execution is.
struct RecordState: Sendable {
    var status: ScrapeStatus
    var errorMessage: String?
    /// What is waited for, while it waits.
    var wait: ScrapeWait?

    init(_ row: Row) throws {
        guard let status = ScrapeStatus(rawValue: try row.get("status")) else {
            throw DatabaseError(.decoding, "expected a status, found another word")
        }
        self.status = status
        errorMessage = try row.get("error_message")
        wait = try ScrapeWait(row)
    }
}

/// What an execution waits for without a slot, and until when.
struct ScrapeWait: Hashable, Sendable {
    enum Phase: String, Sendable {
        case rateLimit = "waiting_rate_limit"
        case budget = "waiting_budget"
    }

    let phase: Phase
    /// Milliseconds since 1970.
    let until: Int64
    /// The bounds of the budget that is waited for, as `Budget.bounds`: with other ones the wait is over.
    let budget: String?

    init(_ phase: Phase, until: Int64, budget: String? = nil) {
        self.phase = phase
        self.until = until
        self.budget = budget
    }

    /// Nil when nothing is waited for, or the row does not say.
    init?(_ row: Row) throws {
        guard row.columns.contains("waits_until"), let until = try row.get("waits_until", as: Int64?.self) else {
            return nil
        }
        phase = try row.get("phase", as: String?.self).flatMap(Phase.init) ?? .rateLimit
        self.until = until
        budget = row.columns.contains("waits_for") ? try row.get("waits_for") : nil
    }
}
