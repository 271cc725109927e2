import Idempotency
import JSONBytes
import NIOCore
import RPC
import ServiceContracts

/// `scrape.task.*` but results: making tasks, looking at them, steering them.
struct TaskMethods: Sendable {
    let rules: ScrapeRules
    let keyed: KeyedCalls

    func register(in methods: inout RPCMethods) {
        let keyed = RPCMethodOptions(isDetached: true, isKeyed: true)
        let idempotent = RPCMethodOptions(isIdempotent: true)
        methods.add(ScrapeMethods.create.name, keyed, create)
        methods.add(ScrapeMethods.createBatch.name, keyed, createBatch)
        methods.add(ScrapeMethods.list.name, idempotent, list)
        methods.add(ScrapeMethods.get.name, idempotent) { Self.reply(try await rules.task(try name($0))) }
        methods.add(ScrapeMethods.start.name, .init(isDetached: true)) {
            Self.reply(try await rules.start(try name($0)))
        }
        methods.add(ScrapeMethods.stop.name, .init(isDetached: true, isIdempotent: true)) {
            Self.reply(try await rules.stop(try name($0)))
        }
        methods.add(ScrapeMethods.update, .init(isDetached: true), update)
        methods.add(ScrapeMethods.estimate.name, idempotent) {
            ByteBuffer(bytes: try await rules.estimate(try name($0)).json)
        }
        methods.add(ScrapeMethods.delete.name, .init(isDetached: true)) {
            try await rules.delete(try name($0))
            return ByteBuffer(string: "{}")
        }
    }

    private func name(_ context: RPCContext) throws -> String {
        var call = try CallFields(context.params)
        let name = call.text("task_id")
        try call.check()
        return name
    }

    private func create(_ context: RPCContext) async throws -> ByteBuffer {
        let call = try CallFields(context.params)
        var fields = FieldCheck(queryCharactersMax: rules.configuration.queryCharactersMax)
        let draft = TaskDraft(call.object, at: [], &fields)
        try fields.check()
        let drafts = [draft].compactMap { $0 }
        return try await keyed.answer(context) { key in
            try await rules.create(drafts, key) { tasks in Self.reply(tasks[0]) }
        }
    }

    private func createBatch(_ context: RPCContext) async throws -> ByteBuffer {
        let drafts = try TaskDraft.batch(
            try CallFields(context.params).object["tasks"],
            FieldCheck(queryCharactersMax: rules.configuration.queryCharactersMax))
        return try await keyed.answer(context) { key in
            try await rules.create(drafts, key) { tasks in
                var writer = JSONWriter()
                writer.beginArray()
                for task in tasks { writer.task(task) }
                writer.endArray()
                return ByteBuffer(bytes: writer.bytes)
            }
        }
    }

    private func list(_ context: RPCContext) async throws -> ByteBuffer {
        var call = try CallFields(context.params)
        let part = call.part()
        var filter = TaskFilter()
        filter.status = call.optionalText("status")
        filter.type = call.optionalText("task_type")
        filter.userID = call.optionalText("user_id")
        let bytesMax = call.bytesMax(context)
        try call.check()
        let (tasks, total) = try await rules.tasks(filter, part)
        var page = PageWriter(bytesMax: bytesMax)
        for task in tasks { page.add { $0.task(task) } }
        return ByteBuffer(bytes: page.finish(total: total, page: part.page, size: part.size))
    }

    private func update(_ context: RPCContext) async throws -> ByteBuffer {
        var call = try CallFields(context.params)
        let name = call.text("task_id")
        if call.object["changes"] == nil { call.fields.missing(["changes"]) }
        try call.check()
        let change = try TaskChange(call.object["changes"] ?? .null, at: ["changes"])
        return Self.reply(try await rules.update(name, change, at: ["changes"]))
    }

    static func reply(_ task: TaskRecord) -> ByteBuffer {
        var writer = JSONWriter()
        writer.task(task)
        return ByteBuffer(bytes: writer.bytes)
    }
}
