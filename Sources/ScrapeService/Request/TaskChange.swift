import JSONBytes
import RPC
import ServiceContracts

/// What a PUT changes: members that are absent stay as they are.
struct TaskChange: Sendable {
    /// Given, and what it is from now on; `null` clears.
    enum Given<Value: Sendable>: Sendable {
        case kept
        case set(Value?)

        func applied(to old: Value?) -> Value? {
            switch self {
            case .kept: old
            case .set(let new): new
            }
        }
    }

    var name: String?
    var describe = Given<String>.kept
    var parameters: JSONValue?
    var accountID = Given<String>.kept
    var proxyID = Given<String>.kept
    var dedup: DedupPolicy?
    var maxCost = Given<Cost>.kept
    var maxCostPerDay = Given<Cost>.kept
    /// Asks for `PENDING`; any other word is refused.
    var rearms = false
    /// A word for `status` that nobody may set.
    var refusedStatus: String?

    /// Checks everything that does not depend on the task.
    init(_ body: JSONValue, at path: FieldCheck.Path) throws(RPCError) {
        var fields = FieldCheck()
        guard case .object = body else {
            fields.refuse(path, FieldCheck.notAnObject, type: "model_attributes_type")
            throw .invalidArguments(fields.violations)
        }
        if let value = body["task_name"] {
            name = fields.text(value, at: path + ["task_name"], TaskDraft.nameCharacters)
        }
        describe = Self.text("describe", of: body, at: path, TaskDraft.describeCharacters, &fields)
        if let value = body["parameters"] {
            if case .object = value {
                parameters = value
            } else {
                fields.refuse(path + ["parameters"], FieldCheck.notAnObject, type: "model_attributes_type")
            }
        }
        accountID = Self.text("account_id", of: body, at: path, TaskDraft.idCharacters, &fields)
        proxyID = Self.text("proxy_id", of: body, at: path, TaskDraft.idCharacters, &fields)
        if let value = body["status"] {
            let word = fields.text(value, at: path + ["status"], 0...100)
            rearms = word == ScrapeStatus.pending.rawValue
            refusedStatus = rearms ? nil : word
        }
        let policies = DedupPolicy.allCases.map(\.rawValue)
        dedup = fields.word(body["dedup_policy"], at: path + ["dedup_policy"], of: policies).flatMap(DedupPolicy.init)
        if let value = body["max_cost"] { maxCost = .set(fields.cost(value, at: path + ["max_cost"])) }
        if let value = body["max_cost_per_day"] {
            maxCostPerDay = .set(fields.cost(value, at: path + ["max_cost_per_day"]))
        }
        try fields.check()
    }

    private static func text(
        _ name: String, of body: JSONValue, at path: FieldCheck.Path, _ length: ClosedRange<Int>,
        _ fields: inout FieldCheck
    ) -> Given<String> {
        guard let value = body[name] else { return .kept }
        return .set(fields.optionalText(value, at: path + [.name(name)], length))
    }
}
