import Database
import JobQueue
import Synchronization

/// Tells submitters what became of their exports: queued in the transaction that decides it, delivered afterwards.
final class ExportCallbacks: Sendable {
    /// The name under which the queue knows the signing secret.
    static let secretName = "export"

    private let view: ExportView
    private let isSigned: Bool
    /// The queue holds its handlers, which hold this: weak, and set once the queue exists.
    private let queue = Mutex(WeakQueue())

    private struct WeakQueue { weak var queue: JobQueue? }

    init(view: ExportView, isSigned: Bool) {
        self.view = view
        self.isSigned = isSigned
    }

    func send(through queue: JobQueue) {
        self.queue.withLock { $0.queue = queue }
    }

    /// Keeps how far an export came that has just ended without a file.
    func keepReached(_ record: ExportRecord, in transaction: any Transaction) throws {
        guard let queue = queue.withLock({ $0.queue }),
            let progress = try queue.progress(of: record.job, in: transaction)
        else { return }
        try ExportStore(transaction).setReached(progress, of: record.id)
    }

    /// Queues the callback of a record that has just ended.
    func enqueue(_ record: ExportRecord, in transaction: any Transaction) throws {
        guard let url = record.callback, let queue = queue.withLock({ $0.queue }) else { return }
        let progress = try queue.progress(of: record.job, in: transaction)
        let body = CallbackBody.bytes(record, progress: progress, view: view)
        let message = OutboxMessage(
            url: url, body: body, secret: isSigned ? Self.secretName : nil, job: record.job)
        try queue.enqueue(message, in: transaction)
    }
}
