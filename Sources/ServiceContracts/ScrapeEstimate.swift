/// What an execution costs at most; amounts are in units of the operator's currency.
public struct ScrapeEstimate: Codable, Sendable, Hashable {
    /// Calls of one endpoint.
    public struct Calls: Codable, Sendable, Hashable {
        /// X's name of it.
        public var endpoint: String
        /// How often it is called.
        public var requests: Int
        /// Items that are paid.
        public var items: Int
        /// Of one item.
        public var pricePerItem: Double
        /// Of all items.
        public var cost: Double

        enum CodingKeys: String, CodingKey {
            case endpoint, requests, items, cost
            case pricePerItem = "price_per_item"
        }
    }

    /// Of which task.
    public var taskID: String
    /// The operator's word.
    public var currency: String
    /// Calls of all endpoints.
    public var requestsMax: Int
    /// Items of the last endpoint.
    public var itemsMax: Int
    /// Of all calls.
    public var costMax: Double
    /// At least that long for the API's windows.
    public var secondsMin: Int
    /// In the order in which they are made.
    public var calls: [Calls]
    /// By all executions so far.
    public var spent: Double
    /// Of this day in UTC.
    public var spentToday: Double
    /// Nil: any amount.
    public var maxCost: Double?
    /// Nil: any amount.
    public var maxCostPerDay: Double?
    /// No budget will end the execution, or delay it.
    public var withinBudget: Bool

    enum CodingKeys: String, CodingKey {
        case currency, calls, spent
        case taskID = "task_id"
        case requestsMax = "requests_max"
        case itemsMax = "items_max"
        case costMax = "cost_max"
        case secondsMin = "seconds_min"
        case spentToday = "spent_today"
        case maxCost = "max_cost"
        case maxCostPerDay = "max_cost_per_day"
        case withinBudget = "within_budget"
    }
}
