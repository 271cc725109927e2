import JSONBytes
import NIOCore
import RPC
import ServiceContracts

/// `scrape.execution.*`: looking at runs of tasks.
struct ExecutionMethods: Sendable {
    let rules: ScrapeRules

    func register(in methods: inout RPCMethods) {
        let idempotent = RPCMethodOptions(isIdempotent: true)
        methods.register(ScrapeMethods.executions.name, options: idempotent) { context in
            try await ScrapeFaults.translating { try await list(context) }
        }
        methods.register(ScrapeMethods.execution.name, options: idempotent) { context in
            try await ScrapeFaults.translating { try await detail(context) }
        }
        methods.register(ScrapeMethods.history.name, options: idempotent) { context in
            try await ScrapeFaults.translating { try await history(context) }
        }
    }

    private func list(_ context: RPCContext) async throws -> ByteBuffer {
        var call = try CallFields(context.params)
        let part = call.part()
        let (task, status) = (call.optionalText("task_id"), call.optionalText("status"))
        let bytesMax = call.bytesMax(context)
        try call.check()
        let (executions, total) = try await rules.executions(task: task, status: status, part)
        var page = PageWriter(bytesMax: bytesMax)
        for execution in executions { page.add { $0.execution(execution) } }
        return ByteBuffer(bytes: page.finish(total: total, page: part.page, size: part.size))
    }

    private func detail(_ context: RPCContext) async throws -> ByteBuffer {
        var call = try CallFields(context.params)
        let name = call.text("execution_id")
        try call.check()
        var writer = JSONWriter()
        writer.execution(try await rules.execution(name))
        return ByteBuffer(bytes: writer.bytes)
    }

    private func history(_ context: RPCContext) async throws -> ByteBuffer {
        var call = try CallFields(context.params)
        let name = call.text("task_id")
        let skip = call.integer("skip", in: 0...Int(Int32.max), default: 0)
        let limit = call.integer("limit", in: 1...ScrapeRules.historyMax, default: ScrapeRules.historyMax)
        let bytesMax = call.bytesMax(context)
        try call.check()
        var writer = JSONWriter()
        writer.beginArray()
        for execution in try await rules.history(name, skip: skip, limit: limit) {
            writer.execution(execution)
            // A bare list cannot say that there is more: who wants all asks on until nothing comes.
            if writer.bytes.count >= bytesMax { break }
        }
        writer.endArray()
        return ByteBuffer(bytes: writer.bytes)
    }
}
