import Database
import JSONBytes
import JobQueue
import Secrets
import ServiceContracts
import Synchronization

/// The queue, for those whom the queue holds itself: set once it exists.
final class QueueReference: Sendable {
    private struct Weak { weak var queue: JobQueue? }

    private let weak = Mutex(Weak())

    var queue: JobQueue? { weak.withLock { $0.queue } }

    func set(_ queue: JobQueue) { weak.withLock { $0.queue = queue } }
}

/// Tells receivers what becomes of tasks: queued in the transaction that decides it, delivered afterwards.
struct TaskNotices: Sendable {
    let queue: QueueReference
    let database: any Database
    let sealer: SecretSealer
    /// Sign for webhooks without a secret of their own; none: they go unsigned.
    let serviceSecrets: [WebhookSecret]
    let currency: String

    /// What the end of an execution is to receivers: the first that a webhook wants. A stop is nothing: somebody has asked
    /// for it.
    static func events(of execution: ExecutionRecord, _ status: ScrapeStatus, error: String?) -> [WebhookEvent] {
        switch status {
        case .completed: [execution.resultCount == 0 ? .empty : .finished]
        case .failed: error?.hasPrefix("\(BudgetReached.reason): ") == true ? [.budget, .failed] : [.failed]
        default: []
        }
    }

    /// Queues what has happened for every webhook of the task that wants to know it.
    func tell(
        _ events: [WebhookEvent], of task: TaskRecord, _ execution: ExecutionRecord, at now: Int64,
        in transaction: any Transaction
    ) throws {
        guard !events.isEmpty, let queue = queue.queue else { return }
        for webhook in try WebhookStore.webhooks(of: task.id, in: transaction) {
            guard let event = events.first(where: webhook.events.contains) else { continue }
            let message = OutboxMessage(
                url: webhook.url, body: body(event, task, execution, at: now), secret: webhook.name, job: execution.job)
            try queue.enqueue(message, in: transaction)
        }
    }

    /// What signs for a webhook; nil when it is gone. Throws when its secret cannot be read or opened.
    func secrets(named name: String) async throws -> [WebhookSecret]? {
        let sealer = sealer
        let found = try await database.read { transaction -> (isOwn: Bool, secret: String?)? in
            let store = WebhookStore(transaction, sealer)
            guard let webhook = try store.webhook(name) else { return nil }
            return (webhook.sealed != nil, try store.secret(of: webhook))
        }
        guard let webhook = found else { return nil }
        guard webhook.isOwn else { return serviceSecrets }
        return webhook.secret.flatMap { WebhookSecret(text: $0) }.map { [$0] }
    }

    private func body(
        _ event: WebhookEvent, _ task: TaskRecord, _ execution: ExecutionRecord, at now: Int64
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.text("event", event.rawValue)
        writer.text("occurred_at", UTCTime.text(now))
        writer.text("task_id", task.name)
        writer.text("task_name", task.taskName)
        writer.text("task_type", task.order.type.rawValue)
        writer.text("user_id", task.userID)
        writer.text("status", task.state.status.rawValue)
        writer.text("error_message", task.state.errorMessage)
        writer.text("execution_id", execution.name)
        writer.number("result_count", execution.resultCount)
        writer.cost("spent", execution.spent)
        writer.text("currency", currency)
        writer.endObject()
        return writer.bytes
    }
}
