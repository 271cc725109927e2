import Database
import HTTPFetch
import JobQueue
import Synchronization

/// Tells submitters what became of their exports: queued in the transaction that decides it, delivered afterwards.
final class ExportCallbacks: Sendable {
    /// The receiver's answer is not read beyond this.
    static let answerBytesMax = 64 * 1024
    /// The name under which the queue knows the signing secret.
    static let secretName = "export"

    private let view: ExportView
    private let isSigned: Bool
    private let http: any HTTPFetcher
    private let policy: @Sendable () -> AddressPolicy
    /// The queue holds its handlers, which hold this: weak, and set once the queue exists.
    private let queue = Mutex(WeakQueue())

    private struct WeakQueue { weak var queue: JobQueue? }

    init(
        view: ExportView, isSigned: Bool, http: any HTTPFetcher, policy: @escaping @Sendable () -> AddressPolicy
    ) {
        self.view = view
        self.isSigned = isSigned
        self.http = http
        self.policy = policy
    }

    func send(through queue: JobQueue) {
        self.queue.withLock { $0.queue = queue }
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

    /// One attempt. The address is decided at connect, like a source's.
    func deliver(_ delivery: OutboxDelivery) async -> DeliveryResult {
        let limits = HTTPFetchLimits(bodyBytesMax: Self.answerBytesMax, timeout: delivery.timeout)
        let request = HTTPFetchRequest(
            method: "POST", url: delivery.url, headers: delivery.headers, body: delivery.body, limits: limits,
            policy: policy())
        do {
            let response = try await http.fetch(request)
            return .response(status: response.status, retryAfter: response.retryAfter(now: WallClock.seconds()))
        } catch {
            return Self.isDenied(error) ? .refused(reason: error.description) : .failed(reason: error.description)
        }
    }

    /// A receiver that the address policy denies, or that is no URL: final, as it is for sources.
    private static func isDenied(_ error: HTTPFetchError) -> Bool {
        switch error {
        case .addressDenied, .schemeRefused, .invalidURL, .invalidMethod, .invalidHeader: true
        default: false
        }
    }
}
