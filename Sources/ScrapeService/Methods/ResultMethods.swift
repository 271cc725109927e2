import Database
import JSONBytes
import NIOCore
import RPC
import ServiceContracts

/// `scrape.result.list` and `scrape.result.search`: parts of what was fetched.
struct ResultMethods: Sendable {
    static let limits = 1...1_000
    static let limitDefault = 100

    let rules: ScrapeRules
    let search: ResultSearch

    func register(in methods: inout RPCMethods) {
        let idempotent = RPCMethodOptions(isIdempotent: true)
        methods.register(ScrapeMethods.results, options: idempotent) { context in
            try await ScrapeFaults.translating { try await results(context) }
        }
        // One for where results come from looks at every result, and so does one for nothing but signs.
        let search = RPCMethodOptions(timeout: .seconds(120), isIdempotent: true, concurrentMax: 2)
        methods.register(ScrapeMethods.search, options: search) { context in
            try await ScrapeFaults.translating { try await find(context) }
        }
    }

    private struct Part {
        let skip: Int
        let limit: Int
        let dataType: String?
        let bytesMax: Int

        init(_ call: inout CallFields, _ context: RPCContext) {
            skip = call.integer("skip", in: 0...Int(Int32.max), default: 0)
            limit = call.integer("limit", in: limits, default: limitDefault)
            dataType = call.optionalText("data_type")
            bytesMax = call.bytesMax(context)
        }

        func reply(_ results: [StoredResult], total: Int) -> ByteBuffer {
            var page = PageWriter(bytesMax: bytesMax)
            for result in results { page.add { $0.result(result) } }
            return ByteBuffer(bytes: page.finish(total: total, page: skip / limit + 1, size: limit))
        }
    }

    private func results(_ context: RPCContext) async throws -> ByteBuffer {
        var call = try CallFields(context.params)
        let name = call.text("task_id")
        let part = Part(&call, context)
        try call.check()
        let (results, total) = try await rules.database.read { transaction in
            guard let task = try TaskStore(transaction).task(name) else { throw ScrapeFaults.unknownTask }
            // All results of a task are of one type.
            if let type = part.dataType, type.lowercased() != task.order.type.dataType { return ([StoredResult](), 0) }
            var results: [StoredResult] = []
            try ResultStore(transaction).forEach(of: task.id, from: part.skip, limit: part.limit) { result in
                results.append(result)
                return true
            }
            return (results, task.results)
        }
        return part.reply(results, total: total)
    }

    private func find(_ context: RPCContext) async throws -> ByteBuffer {
        var call = try CallFields(context.params)
        let text = call.text("query")
        let part = Part(&call, context)
        try call.check()
        guard let query = SearchQuery(text) else {
            throw RPCError(
                .failedPrecondition, reason: "query", "query must look like key1:value1,key2:value2, found no such pair"
            )
        }
        let types = part.dataType.map(ScrapeTaskType.types)
        let found = try await search.find(query, of: types, skip: part.skip, limit: part.limit)
        return part.reply(found.results, total: found.total)
    }
}
