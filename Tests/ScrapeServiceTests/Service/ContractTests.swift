import JSONBytes
import ProtocolDocuments
import RPC
import ServiceContracts
import TestSupport
import Testing

/// `protocol/rpc/scrape.json`, the contracts, and the registered methods promise the same.
@Suite struct ContractTests {
    private static let description = DescribedMethods(ProtocolDocuments.scrapeMethods)

    @Test func everyMethodIsDescribedAndEveryDescribedMethodExists() async throws {
        #expect(Self.description.names == ScrapeMethods.names)
        try await withScraper { harness in
            #expect(harness.methods.names == ScrapeMethods.names)
            let discovered = try await harness.call("rpc.discover", [:])
            #expect(discovered.canonicalBytes == Self.description.document.canonicalBytes)
        }
    }

    @Test(arguments: description.methods)
    func everyMethodSaysHowItWantsToBeTreated(_ method: JSONValue) {
        #expect(Self.description.omissions(of: method).isEmpty)
    }

    @Test(arguments: description.methods)
    func examplesFitTheirSchemas(_ method: JSONValue) {
        #expect(Self.description.exampleViolations(of: method).isEmpty)
    }

    @Test func answersFitTheirSchemas() async throws {
        try await withScraper { harness in
            let id = try await harness.task(.userTweets)
            _ = try await harness.run(id)
            let execution = try await harness.executions(of: id)[0]["id"] ?? .null
            let task: JSONValue = ["task_id": .string(id)]
            for (name, params) in [
                ("scrape.task.get", task), ("scrape.task.list", [:]), ("scrape.task.start", task),
                ("scrape.task.stop", task), ("scrape.execution.history", task), ("scrape.execution.list", [:]),
                ("scrape.execution.get", ["execution_id": execution]), ("scrape.result.list", task),
                ("scrape.task.delete", task),
            ] as [(String, JSONValue)] {
                let answer = try await harness.call(name, params)
                #expect(Self.description.violation(of: answer, by: name) == nil, "\(name): \(answer)")
            }
        }
    }

    /// A Swift program's whole walk by typed contracts.
    @Test func contractsReadWhatTheServiceAnswers() async throws {
        try await withScraper { harness in
            let client = harness.client
            let draft = ScrapeTaskDraft(
                taskName: "采集", taskType: .userFollowers, parameters: .init(username: "elonmusk", limit: 1_200),
                userID: "user-789")
            let task = try await client.call(ScrapeMethods.create, draft)
            #expect(task.status == .pending && task.parameters.limit == 1_200 && task.updatedAt == nil)
            #expect(try await client.call(ScrapeMethods.start, ScrapeTaskName(task.id)).status == .running)
            let ended = try await client.call(ScrapeMethods.events, ScrapeTaskName(task.id))
            #expect(ended.status == .completed)
            let page = try await client.call(ScrapeMethods.list, ScrapeTaskFilter())
            #expect(page.items == [ended] && page.total == 1 && page.pages == 1)
            let executions = try await client.call(ScrapeMethods.history, ScrapeTaskName(task.id))
            #expect(executions.count == 1 && executions[0].resultCount == 1_200 && executions[0].taskID == task.id)
            let name = ScrapeExecutionName(executions[0].id)
            #expect(try await client.call(ScrapeMethods.execution, name) == executions[0])
            #expect(try await client.call(ScrapeMethods.executions, ScrapeExecutionFilter()).items == executions)
        }
    }

    @Test func aKeyMakesATaskOnce() async throws {
        try await withScraper { harness in
            let draft = ScrapeTaskDraft(
                taskName: "t", taskType: .userInfo, parameters: .init(username: "elonmusk"), userID: "u")
            let body = try RPCCoding.encode(draft)
            let options = RPCCallOptions(idem: "k")
            let first = try await harness.client.call(ScrapeMethods.create.name, body, options: options)
            #expect(try await harness.client.call(ScrapeMethods.create.name, body, options: options) == first)
            #expect(try await harness.call("scrape.task.list", [:])["total"] == 1)
        }
    }

    @Test func listsArePagedAndFiltered() async throws {
        try await withScraper { harness in
            var ids: [String] = []
            for _ in 0..<5 { ids.append(try await harness.task(.userInfo, ["username": "elonmusk"])) }
            _ = try await harness.run(ids[0])
            let page = try await harness.call("scrape.task.list", ["page": 2, "size": 2])
            #expect(page["items"]?.elements?.compactMap { $0["id"]?.string } == [ids[2], ids[1]])
            #expect(page["total"] == 5 && page["page"] == 2 && page["size"] == 2 && page["pages"] == 3)
            let absent = try await harness.call("scrape.task.list", ["page": .null, "size": .null, "status": .null])
            #expect(absent["page"] == 1 && absent["size"] == 20 && absent["total"] == 5)
            let pending = try await harness.call("scrape.task.list", ["status": "pending", "user_id": "user-1"])
            #expect(pending["total"] == 4)
            #expect(try await harness.call("scrape.task.list", ["status": "UNKNOWN"])["pages"] == 0)
            #expect(try await harness.call("scrape.task.list", ["task_type": "USER_TWEETS"])["total"] == 0)
            let executions = try await harness.call("scrape.execution.list", ["task_id": .string(ids[0])])
            #expect(executions["total"] == 1)
            #expect(try await harness.call("scrape.execution.list", ["status": "FAILED"])["total"] == 0)
            let error = try await harness.refusal("scrape.execution.get", ["execution_id": "exec-1"])
            #expect(error.message == "Task execution with ID exec-1 not found")
        }
    }
}
