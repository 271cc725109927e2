import JobQueue
import ServiceRuntime

/// Callbacks: how often they are tried, and how they are signed.
enum OutboxSettings {
    private static let defaults = OutboxConfiguration()

    static let backoff = Setting(
        "outbox.backoff", .durations, default: defaults.backoff, "The wait before each try of a callback.")
    static let timeout = Setting(
        "outbox.timeout", .duration(.seconds(1) ... .seconds(300)), default: defaults.timeout,
        "How long one try may take.")
    static let deliveriesMax = Setting(
        "outbox.deliveriesMax", .integer(1...1024), default: defaults.deliveriesMax, "Tries at the same time.")
    static let secret = Setting(
        "outbox.secret", .webhookSecret, default: "", isSecret: true,
        "Signs callbacks by Standard Webhooks; of several, comma-separated while keys are changed, each. Empty: unsigned."
    )
    static let retryAfterMax = Setting(
        "outbox.retryAfterMax", .duration(.zero ... .seconds(7 * 86_400)), default: defaults.retryAfterMax,
        "The longest wait a receiver can ask for by Retry-After.")

    static let retention = Setting(
        "outbox.retention", .duration(.seconds(3600) ... .seconds(3650 * 86_400)), default: JobRetention().messages,
        "How long callbacks and their attempts are remembered after the last of them.")

    static let all: [any AnySetting] = [backoff, timeout, deliveriesMax, retryAfterMax, secret, retention]

    static func apply(_ settings: Settings, to jobs: inout JobQueueConfiguration) {
        jobs.outbox.backoff = settings[backoff]
        jobs.outbox.timeout = settings[timeout]
        jobs.outbox.deliveriesMax = settings[deliveriesMax]
        jobs.outbox.retryAfterMax = settings[retryAfterMax]
        jobs.retention.messages = settings[retention]
    }

    /// What signs callbacks that have no secret of their own.
    static func secrets(_ settings: Settings) -> [String] { WebhookSecret.texts(settings[secret]) }
}

extension SettingForm where Value == String {
    /// A key as Standard Webhooks writes it, or nothing.
    fileprivate static var webhookSecret: Self {
        Self(
            allowed: "base64, with or without whsec_ in front; several comma-separated",
            parse: { text in WebhookSecret.texts(text).contains { WebhookSecret(text: $0) == nil } ? nil : text },
            print: { $0 })
    }
}
