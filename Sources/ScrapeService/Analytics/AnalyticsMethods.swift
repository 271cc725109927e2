import Database
import JSONBytes
import NIOCore
import RPC
import ServiceContracts

/// `scrape.analytics.*`: what a dashboard shows.
struct AnalyticsMethods: Sendable {
    let database: any Database
    let configuration: ScrapeConfiguration

    func register(in methods: inout RPCMethods) {
        let idempotent = RPCMethodOptions(isIdempotent: true)
        methods.add(ScrapeMethods.analytics.summary, idempotent) { ByteBuffer(bytes: try await summary($0).bytes) }
        methods.add(ScrapeMethods.analytics.daily, idempotent) { ByteBuffer(bytes: try await daily($0).bytes) }
        methods.add(ScrapeMethods.analytics.failures, idempotent) { ByteBuffer(bytes: try await failures($0).bytes) }
    }

    private var today: Int64 { DayCounts.day(of: configuration.now()) }

    private func summary(_ context: RPCContext) async throws -> JSONWriter {
        var call = try CallFields(context.params)
        let userID = call.optionalText("user_id")
        try call.check()
        let today = today
        var filter = AnalyticsFilter(days: today...today)
        filter.userID = userID
        let asked = filter
        let found = try await database.read { transaction in
            let store = AnalyticsStore(transaction)
            return (
                tasks: try store.tasks(of: userID), waiting: try store.waiting(),
                day: try store.days(asked)[today] ?? DayCount(), troubles: try TroubleStore(transaction).all()
            )
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("tasks")
        writer.beginObject()
        writer.number("total", found.tasks.values.reduce(0, +))
        for status in ScrapeStatus.allCases { writer.number(status.rawValue, found.tasks[status.rawValue] ?? 0) }
        writer.endObject()
        writer.key("waiting")
        writer.beginObject()
        for phase in [ScrapeWait.Phase.rateLimit, .budget] {
            writer.number(phase.rawValue, found.waiting[phase.rawValue] ?? 0)
        }
        writer.endObject()
        writer.key("today")
        writer.day(CalendarDay(number: today), found.day)
        writer.text("currency", configuration.currency)
        writer.cost("max_cost_per_day", configuration.maxCostPerDay)
        writer.key("credentials_in_trouble")
        writer.beginArray()
        for trouble in found.troubles {
            writer.beginObject()
            writer.text("account_id", trouble.credential.isEmpty ? nil : trouble.credential)
            writer.members(of: trouble)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer
    }

    private func daily(_ context: RPCContext) async throws -> JSONWriter {
        let filter = try filter(context)
        let days = try await database.read { try AnalyticsStore($0).days(filter) }
        var writer = JSONWriter()
        writer.beginObject()
        writer.text("currency", configuration.currency)
        writer.key("items")
        writer.beginArray()
        for day in filter.days { writer.day(CalendarDay(number: day), days[day] ?? DayCount()) }
        writer.endArray()
        writer.endObject()
        return writer
    }

    private func failures(_ context: RPCContext) async throws -> JSONWriter {
        let filter = try filter(context)
        let failures = try await database.read { try AnalyticsStore($0).failures(filter) }
        var writer = JSONWriter()
        writer.beginObject()
        writer.number("total", failures.reduce(0) { $0 + $1.count })
        writer.key("items")
        writer.beginArray()
        for failure in failures {
            writer.beginObject()
            writer.text("reason", failure.reason)
            writer.number("count", failure.count)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer
    }

    /// `from` and `to`, both included; without them the last days up to today.
    private func filter(_ context: RPCContext) throws -> AnalyticsFilter {
        var call = try CallFields(context.params)
        let last = Self.day("to", &call) ?? today
        let first = Self.day("from", &call) ?? last - AnalyticsFilter.daysDefault + 1
        let (userID, task) = (call.optionalText("user_id"), call.optionalText("task_id"))
        if first > last {
            call.fields.refuse(["from"], "Value error, expected a day that is not after to", type: "value_error")
        } else if last - first >= AnalyticsFilter.daysMax {
            call.fields.refuse(
                ["from"], "Value error, expected at most \(AnalyticsFilter.daysMax) days", type: "value_error")
        }
        try call.check()
        return AnalyticsFilter(days: first...last, userID: userID, task: task)
    }

    private static func day(_ name: String, _ call: inout CallFields) -> Int64? {
        guard let text = call.optionalText(name) else { return nil }
        if let day = CalendarDay(text) { return day.number }
        call.fields.refuse(
            [.name(name)], "Input should be a valid date in the format YYYY-MM-DD", type: "date_from_datetime_parsing")
        return nil
    }
}

extension JSONWriter {
    fileprivate mutating func day(_ day: CalendarDay, _ count: DayCount) {
        beginObject()
        text("day", day.text)
        number("started", count.started)
        number("completed", count.completed)
        number("failed", count.failed)
        number("stopped", count.stopped)
        number("empty", count.empty)
        number("requests", count.requests)
        number("items", count.items)
        cost("spent", count.spent)
        number("waits", count.waits)
        key("waited_seconds")
        double(Double(count.waitedMilliseconds) / 1_000)
        endObject()
    }
}
