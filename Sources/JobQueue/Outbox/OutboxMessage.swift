/// A callback, committed with the outcome it tells of and delivered afterwards.
package struct OutboxMessage: Sendable {
    package var url: String
    package var body: [UInt8]
    package var headers: [String: String]
    /// The name of the secret it is signed with, as `OutboxConfiguration` knows it; nil sends it unsigned.
    package var secret: String?
    /// The job whose end it tells of, if it does.
    package var job: JobID?

    package init(
        url: String, body: [UInt8], headers: [String: String] = ["content-type": "application/json"],
        secret: String? = nil, job: JobID? = nil
    ) {
        self.url = url
        self.body = body
        self.headers = headers
        self.secret = secret
        self.job = job
    }
}

/// One attempt to deliver a message; the closure given to the queue makes it an HTTP request.
package struct OutboxDelivery: Sendable {
    /// The same for every attempt: a receiver that saw it before can ignore it.
    package let messageID: String
    package let url: String
    /// The message's headers and, when it is signed, the three of Standard Webhooks.
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]
    package let timeout: Duration
    /// 1 for the first.
    package let attempt: Int
}

/// What came of an attempt.
package enum DeliveryResult: Hashable, Sendable {
    /// The receiver answered. Only 2xx is success; a redirect is not.
    case response(status: Int, retryAfter: Duration? = nil)
    /// No answer.
    case failed(reason: String)
    /// Not sent, and never to be: its address is denied, or it is no URL. Another attempt would find the same.
    case refused(reason: String)
}

/// Makes the attempt. Never throws: a failure is a result.
package typealias OutboxDeliver = @Sendable (OutboxDelivery) async -> DeliveryResult

/// Settings of callbacks.
package struct OutboxConfiguration: Sendable {
    /// The wait before each attempt; when they are used up the message has failed. (`outbox.backoff`)
    package var backoff: [Duration] = [
        .zero, .seconds(5), .seconds(300), .seconds(1_800), .seconds(7_200), .seconds(18_000), .seconds(36_000),
    ]
    /// The share of a wait that chance may add to it.
    package var jitter = 0.2
    /// The longest wait a receiver can ask for by Retry-After.
    package var retryAfterMax: Duration = .seconds(86_400)
    /// Attempts at the same time.
    package var deliveriesMax = 16
    /// The time one attempt may take.
    package var timeout: Duration = .seconds(15)
    /// Where processes share a store: how long after that another one makes an attempt whose process has not said what
    /// became of it, and how often each looks for such messages.
    package var holdMargin: Duration = .seconds(30)
    package var pollInterval: Duration = .seconds(5)
    /// Secrets by name. Several of one name sign together while keys are being changed.
    package var secrets: [String: [WebhookSecret]] = [:]
    /// Secrets of names that are not among those; nil: there is no such name, and the attempt fails. With none the message
    /// goes unsigned. One that cannot be found out fails the attempt for what it is.
    package var findSecrets: @Sendable (_ name: String) async throws -> [WebhookSecret]? = { _ in nil }

    package init() {}
}
