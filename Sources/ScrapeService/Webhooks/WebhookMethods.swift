import Callbacks
import Database
import JSONBytes
import JobQueue
import NIOCore
import RPC
import Secrets
import ServiceContracts

/// `scrape.webhook.*`: who is told what becomes of a task.
struct WebhookMethods: Sendable {
    private static let deliveriesMax = 100
    private static let deliveriesDefault = 20

    let database: any Database
    let sealer: SecretSealer
    let log: DeliveryMethods
    let now: @Sendable () -> Int64

    func register(in methods: inout RPCMethods) {
        let idempotent = RPCMethodOptions(isIdempotent: true)
        let contracts = ScrapeMethods.webhooks
        methods.add(contracts.create, .init(isDetached: true), create)
        methods.add(contracts.list, idempotent, list)
        methods.add(contracts.get, idempotent) { context in
            let place = try Place(context, named: true)
            return try await reply { try find(place, $0).webhook }
        }
        methods.add(contracts.update, .init(isDetached: true, isIdempotent: true), update)
        methods.add(contracts.delete, .init(isDetached: true), delete)
        methods.add(contracts.deliveries, idempotent, deliveries)
    }

    /// Which webhook of which task.
    private struct Place: Sendable {
        let call: CallFields
        let task: String
        let webhook: String

        init(_ context: RPCContext, named: Bool) throws {
            var call = try CallFields(context.params)
            task = call.text("task_id")
            webhook = named ? call.text("webhook_id") : ""
            try call.check()
            self.call = call
        }
    }

    private func find(
        _ place: Place, _ transaction: any Transaction
    ) throws -> (store: WebhookStore, task: TaskRecord, webhook: Webhook) {
        let store = WebhookStore(transaction, sealer)
        guard let task = try TaskStore(transaction).task(place.task) else { throw ScrapeFaults.unknownTask }
        guard let webhook = try store.webhook(place.webhook), webhook.task == task.id else {
            throw RPCError(.notFound, reason: "webhook", "Webhook not found")
        }
        return (store, task, webhook)
    }

    private func reply(
        _ find: @escaping @Sendable (any Transaction) throws -> Webhook
    ) async throws -> ByteBuffer {
        let webhook = try await database.read { try find($0) }
        var writer = JSONWriter()
        writer.webhook(webhook)
        return ByteBuffer(bytes: writer.bytes)
    }

    private func create(_ context: RPCContext) async throws -> ByteBuffer {
        let place = try Place(context, named: false)
        let change = try WebhookChange(place.call.object["webhook"] ?? .null, at: ["webhook"], isNew: true)
        let (name, sealer, now) = (PublicName.make("webhook"), sealer, now())
        try await database.write(admission: .newWork) { transaction in
            let store = WebhookStore(transaction, sealer)
            // Locked: neither more than there may be, nor one of a task that is being deleted.
            guard let task = try TaskStore(transaction).task(place.task),
                try TaskStore(transaction).lockedTask(id: task.id) != nil
            else { throw ScrapeFaults.unknownTask }
            guard try store.webhooks(of: task.id).count < WebhookStore.webhooksMax else {
                throw RPCError(
                    .failedPrecondition, reason: "webhooks",
                    "a task can have at most \(WebhookStore.webhooksMax) webhooks")
            }
            try store.insert(change, name: name, task: task.id, at: now)
        }
        return try await reply { transaction in
            guard let webhook = try WebhookStore(transaction, sealer).webhook(name) else {
                throw ScrapeFaults.unknownTask
            }
            return webhook
        }
    }

    private func list(_ context: RPCContext) async throws -> ByteBuffer {
        let place = try Place(context, named: false)
        let webhooks = try await database.read { transaction in
            guard let task = try TaskStore(transaction).task(place.task) else { throw ScrapeFaults.unknownTask }
            return try WebhookStore.webhooks(of: task.id, in: transaction)
        }
        var writer = JSONWriter()
        writer.beginArray()
        for webhook in webhooks { writer.webhook(webhook) }
        writer.endArray()
        return ByteBuffer(bytes: writer.bytes)
    }

    private func update(_ context: RPCContext) async throws -> ByteBuffer {
        let place = try Place(context, named: true)
        let change = try WebhookChange(place.call.object["changes"] ?? .null, at: ["changes"], isNew: false)
        let now = now()
        try await database.write { transaction in
            let found = try find(place, transaction)
            try found.store.update(found.webhook, change, at: now)
        }
        return try await reply { try find(place, $0).webhook }
    }

    private func delete(_ context: RPCContext) async throws -> ByteBuffer {
        let place = try Place(context, named: true)
        try await database.write { try WebhookStore.delete(try find(place, $0).webhook, in: $0) }
        return ByteBuffer(string: "{}")
    }

    private func deliveries(_ context: RPCContext) async throws -> ByteBuffer {
        let place = try Place(context, named: true)
        var call = place.call
        let limit = call.integer("limit", in: 1...Self.deliveriesMax, default: Self.deliveriesDefault)
        let after = call.optionalText("after")
        let bytesMax = call.bytesMax(context)
        try call.check()
        let found = try await database.read { transaction in
            var filter = DeliveryFilter()
            filter.secret = try find(place, transaction).webhook.name
            // One more than asked for, to know whether there are more.
            return try DeliveryLog(transaction).list(filter, after: after, limit: limit + 1)
        }
        var writer = RPCListWriter(bytesMax: bytesMax)
        for delivery in found.prefix(limit) {
            guard writer.add(Array(try RPCCoding.encode(log.summary(delivery)).readableBytesView)) else { break }
        }
        if found.count > limit { writer.endEarly() }
        return writer.result()
    }
}

extension JSONWriter {
    fileprivate mutating func webhook(_ webhook: Webhook) {
        beginObject()
        text("id", webhook.name)
        text("url", webhook.url)
        key("events")
        beginArray()
        for event in WebhookEvent.allCases where webhook.events.contains(event) { string(event.rawValue) }
        endArray()
        key("has_secret")
        bool(webhook.sealed != nil)
        text("created_at", UTCTime.text(webhook.createdAt))
        text("updated_at", webhook.updatedAt.map(UTCTime.text))
        endObject()
    }
}
