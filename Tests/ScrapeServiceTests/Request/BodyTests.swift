import JSONBytes
import RPC
import ScrapeService
import ServiceContracts
import TestSupport
import Testing

/// What is refused, where, and in which words; and what is kept as it came.
@Suite struct BodyTests {
    private static func draft(_ changes: [JSONMember]) -> JSONValue {
        let whole: [JSONMember] = [
            JSONMember("task_name", "t"), JSONMember("task_type", "USER_TWEETS"),
            JSONMember("parameters", ["username": "elonmusk"]), JSONMember("user_id", "u"),
        ]
        return .object(whole.filter { member in !changes.contains { $0.key == member.key } } + changes)
    }

    @Test(arguments: [
        ([JSONMember("task_name", "")], "task_name", "string_too_short"),
        ([JSONMember("task_name", 3)], "task_name", "string_type"),
        ([JSONMember("task_type", "TWEETS")], "task_type", "enum"),
        ([JSONMember("parameters", "x")], "parameters", "model_attributes_type"),
        ([JSONMember("parameters", [:])], "parameters.username", "missing"),
        ([JSONMember("parameters", ["username": "a b"])], "parameters.username", "string_pattern_mismatch"),
        ([JSONMember("parameters", ["username": "a", "limit": 0])], "parameters.limit", "greater_than_equal"),
        ([JSONMember("parameters", ["username": "a", "limit": 100_001])], "parameters.limit", "less_than_equal"),
        ([JSONMember("parameters", ["username": "a", "limit": "x"])], "parameters.limit", "int_parsing"),
        ([JSONMember("parameters", ["username": "a", "limit": 1.5])], "parameters.limit", "int_from_float"),
        (
            [JSONMember("parameters", ["username": "a", "include_replies": "so"])], "parameters.include_replies",
            "bool_parsing"
        ),
        ([JSONMember("user_id", nil)], "user_id", "string_type"),
        ([JSONMember("dedup_policy", "none")], "dedup_policy", "enum"),
    ])
    func aMistakeIsNamedWithItsPlace(changes: [JSONMember], place: String, type: String) async throws {
        try await withScraper { harness in
            let error = try await harness.refusal("scrape.task.create", Self.draft(changes))
            #expect(error.details.map(\.pathText) == [place] && error.details.map(\.type) == [type], "\(error)")
        }
    }

    /// Applications with more at X say so by a setting; a query that is stored stays good when it falls.
    @Test func aQueryMayBeAsLongAsTheSettingSays() async throws {
        let long = String(repeating: "a", count: 600)
        try await withScraper {
            $0.queryCharactersMax = 1_024
        } _: { harness in
            let task = try await harness.task(.keywordSearch, ["query": .string(long), "limit": 10])
            #expect(try await harness.run(task).count == 10)
            try await harness.change(task, ["parameters": ["query": .string(long + "b")]])
            let tooLong: JSONValue = ["query": .string(String(repeating: "a", count: 1_025))]
            let error = try await harness.refusal(
                "scrape.task.update", ["task_id": .string(task), "changes": ["parameters": tooLong]])
            #expect(error.details.map(\.type) == ["string_too_long"])
        }
    }

    @Test func parametersAreKeptAsTheyCame() async throws {
        try await withScraper { harness in
            let parameters: JSONValue = ["username": "@elonmusk", "limit": "50", "other": [1, nil]]
            let task = try await harness.task(.userTweets, parameters)
            #expect(try await harness.get(task)["parameters"] == parameters)
        }
    }

    @Test func aBatchIsMadeWholeOrNotAtAll() async throws {
        try await withScraper { harness in
            let right = Self.draft([])
            let error = try await harness.refusal(
                "scrape.task.createBatch", ["tasks": [right, Self.draft([JSONMember("task_name", 1)]), 7]])
            #expect(error.details.map(\.pathText) == ["tasks[1].task_name", "tasks[2]"])
            #expect(try await harness.call("scrape.task.list", [:])["total"] == 0)
            let made = try await harness.call("scrape.task.createBatch", ["tasks": [right, right]])
            #expect(made.elements?.count == 2)
            let many = try await harness.refusal(
                "scrape.task.createBatch", ["tasks": .array(Array(repeating: right, count: 101))])
            #expect(many.details.map(\.message) == ["List should have at most 100 items after validation, not 101"])
        }
    }

    @Test func aChangeTouchesOnlyWhatItNames() async throws {
        try await withScraper { harness in
            let task = try await harness.task(.userTweets, ["username": "a"], [JSONMember("describe", "d")])
            let before = try await harness.get(task)
            #expect(before["updated_at"] == .null)
            let after = try await harness.call(
                "scrape.task.update", ["task_id": .string(task), "changes": ["describe": nil, "proxy_id": "p"]])
            #expect(after["describe"] == .null && after["proxy_id"] == "p" && after["task_name"] == before["task_name"])
            #expect(after["updated_at"]?.string != nil)
        }
    }

    private static let wrongChanges: [(JSONValue, RPCStatus)] = [
        (["status": "RUNNING"], .failedPrecondition), (["task_name": nil], .invalidArgument),
        (["parameters": nil], .invalidArgument), (["parameters": ["username": "?"]], .invalidArgument),
        ([], .invalidArgument),
    ]

    @Test(arguments: wrongChanges)
    func aWrongChangeIsRefused(changes: JSONValue, status: RPCStatus) async throws {
        try await withScraper { harness in
            let task = try await harness.task()
            let before = try await harness.get(task)
            let error = try await harness.refusal(
                "scrape.task.update", ["task_id": .string(task), "changes": changes])
            #expect(error.status == status)
            #expect(try await harness.get(task) == before)
        }
    }

    @Test func aFailedTaskIsArmedAnew() async throws {
        try await withScraper { harness in
            let task = try await harness.task(.userInfo, ["username": "nobody"])
            _ = try await harness.run(task)
            let armed = try await harness.call(
                "scrape.task.update", ["task_id": .string(task), "changes": ["status": "PENDING"]])
            #expect(armed["status"] == "PENDING" && armed["error_message"] == .null)
        }
    }
}
