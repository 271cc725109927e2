import Database
import JSONBytes
import JobQueue
import NIOCore
import RPC
import ServiceContracts

/// `scrape.schedule.*`: tasks that start by themselves.
struct ScheduleMethods: Sendable {
    let database: any Database
    let queue: JobQueue

    func register(in methods: inout RPCMethods) {
        let idempotent = RPCMethodOptions(isIdempotent: true)
        methods.add(ScrapeMethods.schedules.put, .init(isDetached: true, isIdempotent: true), put)
        methods.add(ScrapeMethods.schedules.get, idempotent, get)
        methods.add(ScrapeMethods.schedules.delete, .init(isDetached: true), delete)
    }

    private static let unknown = RPCError(.notFound, reason: "schedule", "Schedule not found")

    private func call(_ context: RPCContext) throws -> (fields: CallFields, task: String) {
        var call = try CallFields(context.params)
        let task = call.text("task_id")
        try call.check()
        return (call, task)
    }

    private func put(_ context: RPCContext) async throws -> ByteBuffer {
        let (call, task) = try call(context)
        let wanted = try TaskSchedule(call.object["schedule"] ?? .null, of: task, at: ["schedule"])
        let queue = queue
        return try await database.write(admission: .newWork) { transaction in
            // Locked: a task that is being deleted gets none.
            guard let record = try TaskStore(transaction).task(task),
                try TaskStore(transaction).lockedTask(id: record.id) != nil
            else { throw ScrapeFaults.unknownTask }
            try queue.schedule(wanted.schedule, in: transaction)
            return try Self.reply(task, queue, transaction)
        }
    }

    private func get(_ context: RPCContext) async throws -> ByteBuffer {
        let (task, queue) = (try call(context).task, queue)
        return try await database.read { try Self.reply(task, queue, $0) }
    }

    private func delete(_ context: RPCContext) async throws -> ByteBuffer {
        let (task, queue) = (try call(context).task, queue)
        return try await database.write { transaction in
            guard try TaskStore(transaction).task(task) != nil else { throw ScrapeFaults.unknownTask }
            guard try queue.unschedule(TaskSchedule.name(of: task), in: transaction) else { throw Self.unknown }
            return ByteBuffer(string: "{}")
        }
    }

    private static func reply(_ task: String, _ queue: JobQueue, _ transaction: any Transaction) throws -> ByteBuffer {
        guard try TaskStore(transaction).task(task) != nil else { throw ScrapeFaults.unknownTask }
        guard let found = try queue.schedule(named: TaskSchedule.name(of: task), in: transaction) else {
            throw unknown
        }
        var writer = JSONWriter()
        writer.schedule(found, of: task)
        return ByteBuffer(bytes: writer.bytes)
    }
}
