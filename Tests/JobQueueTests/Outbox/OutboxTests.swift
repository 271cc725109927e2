import Database
import TestSupport
import Testing

@testable import JobQueue

/// A receiver that answers as the test says, one answer after the other; the last one stays.
final class ScriptedReceiver: Sendable {
    private let answers: Shared<[DeliveryResult]>
    let deliveries = Shared<[OutboxDelivery]>([])

    init(_ answers: DeliveryResult...) { self.answers = Shared(answers) }

    @Sendable func deliver(_ delivery: OutboxDelivery) async -> DeliveryResult {
        deliveries.change { $0.append(delivery) }
        return answers.change { $0.count > 1 ? $0.removeFirst() : $0[0] }
    }

    var count: Int { deliveries.value.count }
}

@Suite("callbacks")
struct OutboxTests {
    private func harness(
        _ receiver: ScriptedReceiver, backoff: [Duration], secrets: [String: [WebhookSecret]] = [:]
    ) async throws -> EngineHarness {
        var configuration = JobQueueConfiguration()
        configuration.outbox.backoff = backoff
        configuration.outbox.jitter = 0
        configuration.outbox.secrets = secrets
        return try await EngineHarness(
            ScriptedHandler { _ in .succeeded() }, configuration: configuration, deliver: receiver.deliver)
    }

    private func send(_ message: OutboxMessage, _ harness: EngineHarness) async throws {
        try await harness.store.database.write { try harness.queue.enqueue(message, in: $0) }
    }

    private func state(_ harness: EngineHarness) async throws -> String? {
        try await harness.store.database.read { try $0.value("SELECT state FROM outbox") }
    }

    private let message = OutboxMessage(url: "http://receiver/", body: Array("{}".utf8))

    @Test("are repeated by the schedule until the receiver says 2xx")
    func failsThreeTimes() async throws {
        let receiver = ScriptedReceiver(
            .response(status: 500), .failed(reason: "connection refused"), .response(status: 302),
            .response(status: 204))
        let waits: [Duration] = [.zero, .seconds(1), .seconds(2), .seconds(3), .seconds(4)]
        let harness = try await harness(receiver, backoff: waits)
        try await harness.running {
            try await send(message, harness)
            for attempt in 1...4 {
                try await eventually("attempt \(attempt)") { receiver.count == attempt }
                let recorded: SQL = "SELECT count(*) FROM outbox WHERE attempt = \(attempt)"
                try await eventually("its record") { try await harness.store.count(recorded) == 1 }
                harness.clock.advance(by: .milliseconds(attempt * 1_000 - 1))
                #expect(receiver.count == attempt)
                harness.clock.advance(by: .milliseconds(1))
            }
            #expect(try await state(harness) == "delivered")
            #expect(receiver.deliveries.value.map(\.attempt) == [1, 2, 3, 4])
            #expect(Set(receiver.deliveries.value.map(\.messageID)).count == 1)
        }
    }

    @Test("are given up at once when their receiver is refused")
    func refused() async throws {
        let receiver = ScriptedReceiver(.refused(reason: "the address is denied"))
        let harness = try await harness(receiver, backoff: [.zero, .seconds(1)])
        try await harness.running {
            try await send(message, harness)
            try await eventually("the end") { try await state(harness) == "failed" }
            #expect(receiver.count == 1)
        }
    }

    @Test("say why a secret could not be read, and are repeated with it")
    func secretThatCannotBeRead() async throws {
        let receiver = ScriptedReceiver(.response(status: 204))
        let tries = Shared(0)
        let secret = try #require(WebhookSecret(text: "whsec_c2VjcmV0IG9mIGEgdGVzdA=="))
        var configuration = JobQueueConfiguration()
        configuration.outbox.backoff = [.zero, .milliseconds(1)]
        configuration.outbox.jitter = 0
        configuration.outbox.findSecrets = { _ in
            guard
                tries.change({
                    $0 += 1; return $0
                }) > 1
            else { throw DatabaseError(.busy, "the store is busy") }
            return [secret]
        }
        let harness = try await EngineHarness(
            ScriptedHandler { _ in .succeeded() }, configuration: configuration, deliver: receiver.deliver)
        try await harness.running {
            var message = message
            message.secret = "own"
            try await send(message, harness)
            let failed: SQL = """
                SELECT count(*) FROM outbox WHERE last_error = 'the secret named own cannot be read: the store is busy'
                """
            try await eventually("the failure") { try await harness.store.count(failed) == 1 }
            #expect(receiver.count == 0)
            harness.clock.advance(by: .milliseconds(1))
            try await eventually("the end") { try await state(harness) == "delivered" }
            #expect(receiver.deliveries.value[0].headers.contains { $0.name == "webhook-signature" })
        }
    }

    @Test("are given up when the schedule is used up")
    func givesUp() async throws {
        let receiver = ScriptedReceiver(.response(status: 500))
        let harness = try await harness(receiver, backoff: [.zero, .seconds(1)])
        try await harness.running {
            try await send(message, harness)
            try await eventually("the first record") {
                try await harness.store.count("SELECT count(*) FROM outbox WHERE attempt = 1") == 1
            }
            harness.clock.advance(by: .seconds(1))
            try await eventually("the end") { try await state(harness) == "failed" }
            #expect(receiver.count == 2)
            let error = try await harness.store.database.read {
                try $0.value("SELECT last_error FROM outbox", as: String.self)
            }
            #expect(error == "expected a status of 2xx, found 500")
        }
    }

    @Test("wait as long as the receiver asks by Retry-After")
    func retryAfter() async throws {
        let receiver = ScriptedReceiver(.response(status: 429, retryAfter: .seconds(100)), .response(status: 200))
        let harness = try await harness(receiver, backoff: [.zero, .seconds(1)])
        try await harness.running {
            try await send(message, harness)
            let due = JobTime.zero + .seconds(100)
            try await eventually("the wait") {
                try await harness.store.count("SELECT count(*) FROM outbox WHERE due_at = \(due)") == 1
            }
            harness.clock.advance(by: .seconds(100))
            try await eventually("the end") { try await state(harness) == "delivered" }
        }
    }

    @Test("carry the three headers of Standard Webhooks when they are signed, one signature per key")
    func signed() async throws {
        let keys = [WebhookSecret(bytes: [1, 2, 3]), WebhookSecret(bytes: [4, 5, 6])]
        let receiver = ScriptedReceiver(.response(status: 200))
        let harness = try await harness(receiver, backoff: [.zero], secrets: ["export": keys])
        try await harness.running {
            var signed = message
            signed.secret = "export"
            try await send(signed, harness)
            try await eventually("the delivery") { receiver.count == 1 }
            let delivery = receiver.deliveries.value[0]
            let headers = Dictionary(uniqueKeysWithValues: delivery.headers.map { ($0.name, $0.value) })
            #expect(headers["content-type"] == "application/json")
            #expect(headers["webhook-id"] == delivery.messageID)
            #expect(headers["webhook-timestamp"] == "1700000000")
            let signatures = keys.map {
                $0.signature(messageID: delivery.messageID, timestamp: 1_700_000_000, body: delivery.body)
            }
            #expect(headers["webhook-signature"] == signatures.joined(separator: " "))
        }
    }

    @Test("are not sent unsigned when their secret is missing")
    func missingSecret() async throws {
        let receiver = ScriptedReceiver(.response(status: 200))
        let harness = try await harness(receiver, backoff: [.zero])
        try await harness.running {
            var signed = message
            signed.secret = "absent"
            try await send(signed, harness)
            try await eventually("the end") { try await state(harness) == "failed" }
            #expect(receiver.count == 0)
        }
    }

    @Test("of a transaction that was rolled back do not exist")
    func rolledBack() async throws {
        let receiver = ScriptedReceiver(.response(status: 200))
        let harness = try await harness(receiver, backoff: [.zero])
        try await harness.running {
            await #expect(throws: JobError.self) {
                try await harness.store.database.write { transaction in
                    try harness.queue.enqueue(message, in: transaction)
                    throw JobError.unknownJob(JobID(rawValue: 1))
                }
            }
            var second = message
            second.url = "http://receiver/second"
            try await send(second, harness)
            try await eventually("the second") { receiver.count == 1 }
            #expect(receiver.deliveries.value[0].url == "http://receiver/second")
        }
    }
}
