import JSONBytes
import XAPI

/// What an execution will cost at most: if everything that it asks for is there.
struct CostEstimate: Sendable {
    /// Calls of one endpoint.
    struct Calls: Hashable, Sendable {
        let endpoint: String
        let requests: Int
        let items: Int
        /// Of one item.
        let price: Cost
        /// Calls of a window of 15 minutes, as X's documentation says.
        let requestsPerWindow: Int

        var cost: Cost { price * items }
    }

    private static let secondsPerWindow = 900

    let task: TaskRecord
    let calls: [Calls]
    let budget: Budget
    let spentToday: Cost
    let currency: String

    init(
        task: TaskRecord, plan: CrawlPlan, from state: CrawlState, prices: CallPrices, budget: Budget,
        spentToday: Cost, currency: String
    ) {
        self.task = task
        self.budget = budget
        self.spentToday = spentToday
        self.currency = currency
        var state = state
        var calls: [Calls] = []
        if case .resolve(let request) = plan.next(state) {
            calls.append(Calls(request.endpoint, items: 1, prices))
            state.upstreamUser = "0"
        }
        if case .page(let request) = plan.next(state) {
            calls.append(Calls(request.endpoint, items: plan.parameters.limit - state.fetched, prices))
        }
        self.calls = calls
    }

    var costMax: Cost { calls.reduce(.zero) { $0 + $1.cost } }

    /// Whether no budget can end or delay it.
    var isWithinBudget: Bool { budget.lines.allSatisfy { $0.spent + costMax <= $0.most } }

    /// At least that long, where only the API's windows are waited for.
    var secondsMin: Int {
        calls.map { max(0, ($0.requests - 1) / $0.requestsPerWindow) * Self.secondsPerWindow }.max() ?? 0
    }

    var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.text("task_id", task.name)
        writer.text("currency", currency)
        writer.number("requests_max", calls.reduce(0) { $0 + $1.requests })
        writer.number("items_max", calls.last?.items ?? 0)
        writer.cost("cost_max", costMax)
        writer.number("seconds_min", secondsMin)
        writer.key("calls")
        writer.beginArray()
        for call in calls {
            writer.beginObject()
            writer.text("endpoint", call.endpoint)
            writer.number("requests", call.requests)
            writer.number("items", call.items)
            writer.cost("price_per_item", call.price)
            writer.cost("cost", call.cost)
            writer.endObject()
        }
        writer.endArray()
        writer.cost("spent", task.spent)
        writer.cost("spent_today", spentToday)
        writer.cost("max_cost", task.maxCost)
        writer.cost("max_cost_per_day", task.maxCostPerDay)
        writer.key("within_budget")
        writer.bool(isWithinBudget)
        writer.endObject()
        return writer.bytes
    }
}

extension CostEstimate.Calls {
    fileprivate init(_ endpoint: XRequest.Endpoint, items: Int, _ prices: CallPrices) {
        self.endpoint = endpoint.bucket
        price = prices.price(of: endpoint)
        let bounds = endpoint.pageBounds
        let page = bounds?.upperBound ?? 1
        requests = (items + page - 1) / page
        // A last page can be asked for with a least number of items only, and all of them are paid.
        let rest = items % page
        self.items = items + (rest > 0 ? max(0, (bounds?.lowerBound ?? 1) - rest) : 0)
        requestsPerWindow = endpoint.requestsPerWindow
    }
}

extension XRequest.Endpoint {
    /// Calls of 15 minutes.
    fileprivate var requestsPerWindow: Int {
        switch self {
        case .posts: 10_000
        case .search: 450
        case .user, .followers, .following: 300
        }
    }
}
