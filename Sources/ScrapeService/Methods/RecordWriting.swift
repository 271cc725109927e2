import JSONBytes
import ServiceContracts

/// Records as the document shows them, members in its order.
extension JSONWriter {
    mutating func task(_ task: TaskRecord) {
        beginObject()
        text("id", task.name)
        text("task_name", task.taskName)
        text("describe", task.describe)
        text("task_type", task.order.type.rawValue)
        key("parameters")
        raw(task.order.parameters)
        text("account_id", task.order.accountID)
        text("proxy_id", task.order.proxyID)
        text("user_id", task.userID)
        text("status", task.state.status.rawValue)
        text("error_message", task.state.errorMessage)
        text("created_at", UTCTime.text(task.createdAt))
        text("updated_at", task.updatedAt.map(UTCTime.text))
        if task.order.dedup != .skip { text("dedup_policy", task.order.dedup.rawValue) }
        if let most = task.maxCost { cost("max_cost", most) }
        if let most = task.maxCostPerDay { cost("max_cost_per_day", most) }
        if task.spent > .zero { cost("spent", task.spent) }
        phase(task.state)
        endObject()
    }

    mutating func execution(_ execution: ExecutionRecord) {
        beginObject()
        text("id", execution.name)
        text("task_id", execution.taskKey)
        text("account_id", execution.order.accountID)
        text("proxy_id", execution.order.proxyID)
        text("status", execution.state.status.rawValue)
        text("error_message", execution.state.errorMessage)
        text("started_at", UTCTime.text(execution.startedAt))
        text("completed_at", execution.completedAt.map(UTCTime.text))
        key("duration")
        if let end = execution.completedAt { double(Double(end - execution.startedAt) / 1_000) } else { null() }
        key("result_count")
        integer(execution.resultCount)
        if execution.spent > .zero { cost("spent", execution.spent) }
        phase(execution.state)
        endObject()
    }

    /// What is waited for, while it is.
    private mutating func phase(_ state: RecordState) {
        guard state.status == .running, let wait = state.wait else { return }
        text("phase", wait.phase.rawValue)
        text("phase_until", UTCTime.text(wait.until))
    }

    mutating func result(_ result: StoredResult) {
        beginObject()
        text("id", PublicName.result(result.id))
        text("task_id", result.task)
        text("data_type", ScrapeTaskType(rawValue: result.taskType)?.dataType)
        key("data")
        raw(result.data)
        key("metadata")
        beginObject()
        for (name, value) in result.metadata { text(name, value) }
        endObject()
        text("created_at", UTCTime.text(result.scrapedAt))
        endObject()
    }

    /// A member that is a text, or null.
    mutating func text(_ name: String, _ value: String?) {
        key(name)
        if let value { string(value) } else { null() }
    }

    /// An amount, as a number.
    mutating func cost(_ name: String, _ value: Cost?) {
        key(name)
        if let value { raw(value.text.utf8) } else { null() }
    }

    mutating func number(_ name: String, _ value: Int) {
        key(name)
        integer(value)
    }
}

extension StoredResult {
    /// Where it comes from.
    var metadata: [(String, String)] {
        [
            ("source", "twitter"), ("scraped_at", UTCTime.text(scrapedAt)), ("task_type", taskType),
            ("execution_id", execution),
        ]
    }
}

/// The documented page: items, and how many there are of everything.
struct PageWriter {
    private var writer = JSONWriter()
    private let bytesMax: Int
    private var count = 0
    private var isFull = false

    /// - Parameter bytesMax: Of the items; the first one always fits.
    init(bytesMax: Int) {
        self.bytesMax = bytesMax
        writer.beginObject()
        writer.key("items")
        writer.beginArray()
    }

    /// Adds an item, unless the page has as many octets as its caller takes.
    mutating func add(_ write: (inout JSONWriter) -> Void) {
        guard !isFull else { return }
        var item = JSONWriter()
        write(&item)
        guard count == 0 || writer.bytes.count + item.bytes.count <= bytesMax else {
            isFull = true
            return
        }
        writer.raw(item.bytes)
        count += 1
    }

    /// The whole page; `more` says that its caller takes fewer octets than the items have.
    mutating func finish(total: Int, page: Int, size: Int) -> [UInt8] {
        writer.endArray()
        writer.number("total", total)
        writer.number("page", page)
        writer.number("size", size)
        writer.number("pages", ListPart.pages(total, size: size))
        if isFull {
            writer.key("more")
            writer.bool(true)
        }
        writer.endObject()
        return writer.bytes
    }
}
