import ServiceRuntime

@testable import pailou

/// What both services take: their callbacks, and when a replica is dead.
enum SharedSettings {
    static let all: [SettingEffect] = [
        .init(OutboxSettings.backoff, "0s,7s", ["jobs.outbox.backoff": "[0.0 seconds, 7.0 seconds]"]),
        .init(OutboxSettings.timeout, "7s", ["jobs.outbox.timeout": "7.0 seconds"]),
        .init(OutboxSettings.deliveriesMax, "7", ["jobs.outbox.deliveriesMax": "7"]),
        .init(OutboxSettings.retryAfterMax, "7s", ["jobs.outbox.retryAfterMax": "7.0 seconds"]),
        .init(OutboxSettings.secret, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", ["callbackSecrets": "…"]),
        .init(OutboxSettings.retention, "7777s", ["jobs.retention.messages": "7777.0 seconds"]),
        .init(StoreSettings.workerTimeout, "77s", ["jobs.workers": "…"]),
    ]
}
