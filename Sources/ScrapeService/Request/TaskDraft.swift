import JSONBytes
import RPC
import ServiceContracts

/// A task that is to be made, found right.
struct TaskDraft: Sendable {
    static let nameCharacters = 1...200
    static let describeCharacters = 0...10_000
    static let idCharacters = 1...200
    /// Tasks of a batch.
    static let batchMax = 100

    let name: String
    let describe: String?
    let type: ScrapeTaskType
    /// As they came, white space apart.
    let parameters: [UInt8]
    let accountID: String?
    let proxyID: String?
    let userID: String
    let dedup: DedupPolicy
    let maxCost: Cost?
    let maxCostPerDay: Cost?
    let startsAtOnce: Bool

    /// Reads the documented body; notes what is wrong and is nil then.
    init?(_ body: JSONValue, at path: FieldCheck.Path, _ fields: inout FieldCheck) {
        guard case .object = body else {
            fields.refuse(path, FieldCheck.notAnObject, type: "model_attributes_type")
            return nil
        }
        let before = fields.violations.count
        let name = fields.text(body["task_name"], at: path + ["task_name"], Self.nameCharacters)
        describe = fields.optionalText(body["describe"], at: path + ["describe"], Self.describeCharacters)
        let words = ScrapeTaskType.allCases.map(\.rawValue)
        if body["task_type"] == nil { fields.missing(path + ["task_type"]) }
        let type = fields.word(body["task_type"], at: path + ["task_type"], of: words)
            .flatMap(ScrapeTaskType.init)
        let parameters = Self.parameters(body["parameters"], of: type, at: path + ["parameters"], &fields)
        accountID = fields.optionalText(body["account_id"], at: path + ["account_id"], Self.idCharacters)
        proxyID = fields.optionalText(body["proxy_id"], at: path + ["proxy_id"], Self.idCharacters)
        let userID = fields.text(body["user_id"], at: path + ["user_id"], Self.idCharacters)
        let policies = DedupPolicy.allCases.map(\.rawValue)
        dedup =
            fields.word(body["dedup_policy"], at: path + ["dedup_policy"], of: policies)
            .flatMap(DedupPolicy.init) ?? .skip
        maxCost = fields.cost(body["max_cost"], at: path + ["max_cost"])
        maxCostPerDay = fields.cost(body["max_cost_per_day"], at: path + ["max_cost_per_day"])
        startsAtOnce = fields.flag(body["auto_start"], at: path + ["auto_start"]) ?? false
        guard fields.violations.count == before, let name, let type, let parameters, let userID else { return nil }
        self.name = name
        self.type = type
        self.parameters = parameters
        self.userID = userID
    }

    /// All tasks of a batch; throws what is wrong with any of them.
    static func batch(_ tasks: JSONValue?, _ fields: FieldCheck) throws(RPCError) -> [TaskDraft] {
        var fields = fields
        guard let elements = tasks?.elements else {
            fields.refuse(["tasks"], "Input should be a valid list", type: "list_type")
            try fields.check()
            return []
        }
        if elements.count > batchMax {
            fields.refuse(
                ["tasks"], "List should have at most \(batchMax) items after validation, not \(elements.count)",
                type: "too_long")
            try fields.check()
        }
        let drafts = elements.enumerated().compactMap { index, element in
            TaskDraft(element, at: ["tasks", .index(index)], &fields)
        }
        try fields.check()
        return drafts
    }

    /// An object that is right for the type; of an unknown type any object.
    static func parameters(
        _ value: JSONValue?, of type: ScrapeTaskType?, at path: FieldCheck.Path, _ fields: inout FieldCheck
    ) -> [UInt8]? {
        guard let value else {
            fields.missing(path)
            return nil
        }
        guard case .object = value else {
            fields.refuse(path, FieldCheck.notAnObject, type: "model_attributes_type")
            return nil
        }
        guard let type else { return nil }
        return CrawlParameters(type, value, at: path, &fields) == nil ? nil : value.bytes
    }
}

/// What becomes of an item that its task has already.
enum DedupPolicy: String, CaseIterable, Sendable {
    /// It is left as it is.
    case skip
    /// The new one takes its place.
    case overwrite
    /// The execution ends: what follows was there before.
    case stop
}
