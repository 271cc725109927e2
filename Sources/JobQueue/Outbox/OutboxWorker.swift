import Database
import Logging
import Synchronization

/// Delivers messages until its task is cancelled, beside the jobs and never in their way.
///
/// A crash between an attempt and its record makes the attempt again: receivers see every message at least once, and
/// know it by its id.
final class OutboxWorker: Sendable {
    private let patient: PatientWrites
    private let configuration: OutboxConfiguration
    private let deliver: OutboxDeliver
    private let clock: JobClock
    private let random: @Sendable () -> Double
    private let logger: Logger
    private let alarm: Alarm
    private let inFlight = Mutex<Set<Int64>>([])

    init(
        patient: PatientWrites, configuration: OutboxConfiguration, deliver: @escaping OutboxDeliver,
        clock: JobClock, random: @escaping @Sendable () -> Double, logger: Logger
    ) {
        self.patient = patient
        self.configuration = configuration
        self.deliver = deliver
        self.clock = clock
        self.random = random
        self.logger = logger
        alarm = Alarm(clock: clock)
    }

    func enqueue(_ message: OutboxMessage, in transaction: any Transaction) throws {
        let now = clock.now()
        let dueAt = now + (configuration.backoff.first ?? .zero)
        try OutboxStore(transaction).insert(message, dueAt: dueAt, now: now)
        transaction.afterCommit { [alarm] in alarm.set(dueAt) }
    }

    /// Queues ended messages again.
    func replay(_ filter: DeliveryFilter, in transaction: any Transaction) throws -> (count: Int, more: Bool) {
        let now = clock.now()
        let replayed = try DeliveryLog(transaction).replay(filter, now: now)
        transaction.afterCommit { [alarm] in alarm.set(now) }
        return replayed
    }

    func run() async throws {
        alarm.ring()
        let failure = FirstFailure(waking: alarm)
        try await withThrowingDiscardingTaskGroup { group in
            while !Task.isCancelled {
                await alarm.wait()
                if Task.isCancelled { break }
                try failure.check()
                for message in try await takeOrWait() {
                    group.addTask { try await failure.watch { try await self.attempt(message) } }
                }
            }
            group.cancelAll()
        }
    }

    /// A store that is busy for a while is asked again a little later.
    private func takeOrWait() async throws -> [DueMessage] {
        do {
            return try await takeDue()
        } catch let error as DatabaseError where error.isTransient {
            logger.warning("no callbacks taken", metadata: ["error": "\(error)"])
            alarm.set(clock.now() + PatientWrites.interval)
            return []
        }
    }

    private func takeDue() async throws -> [DueMessage] {
        let busy = inFlight.withLock { $0 }
        let (now, limit) = (clock.now(), configuration.deliveriesMax - busy.count)
        guard limit > 0 else { return [] }
        let (messages, next) = try await take(now: now, except: busy, limit: limit)
        inFlight.withLock { $0.formUnion(messages.map(\.id)) }
        // What is due and was not taken is locked by another process, which may take a while.
        let isElsewhere = isShared && messages.isEmpty
        alarm.set(isElsewhere ? next.map { max($0, now + PatientWrites.interval) } : next)
        // What another process leaves behind is nobody's news.
        if isShared { alarm.set(now + configuration.pollInterval * (0.8 + random() * 0.4)) }
        return messages
    }

    /// Where processes share the store a message is held by the one that takes it. A single one takes it by reading, which
    /// costs no commit.
    private func take(
        now: JobTime, except busy: Set<Int64>, limit: Int
    ) async throws -> (messages: [DueMessage], next: JobTime?) {
        let heldUntil = isShared ? now + configuration.timeout + configuration.holdMargin : nil
        let body: @Sendable (any Transaction) throws -> ([DueMessage], JobTime?) = { transaction in
            let store = OutboxStore(transaction)
            let messages = try store.take(now: now, except: busy, heldUntil: heldUntil, limit: limit)
            return (messages, try store.nextDue(except: busy.union(messages.map(\.id))))
        }
        return isShared ? try await patient.database.write(body) : try await patient.database.read(body)
    }

    private var isShared: Bool { patient.database.dialect == .postgreSQL }

    private func attempt(_ due: DueMessage) async throws {
        let attempt = due.attempt + 1
        let startedAt = clock.now()
        let result = await send(due, attempt: attempt)
        // Cut short by shutdown: not the receiver's failure, so the next start makes this attempt anew.
        let isCutShort = Task.isCancelled && !result.isSuccess
        if !isCutShort { try await record(result, of: due, attempt: attempt, startedAt: startedAt) }
        inFlight.withLock { _ = $0.remove(due.id) }
        alarm.ring()
    }

    private func send(_ due: DueMessage, attempt: Int) async -> DeliveryResult {
        var headers = due.message.headers.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
        if let name = due.message.secret {
            do {
                guard let secrets = try await secrets(named: name) else {
                    return .failed(reason: "no secret named \(name) is configured")
                }
                if !secrets.isEmpty { headers += signatureHeaders(of: due, secrets: secrets) }
            } catch {
                return .failed(reason: "the secret named \(name) cannot be read: \(error)")
            }
        }
        return await deliver(
            OutboxDelivery(
                messageID: due.messageID, url: due.message.url, headers: headers, body: due.message.body,
                timeout: configuration.timeout, attempt: attempt))
    }

    private func secrets(named name: String) async throws -> [WebhookSecret]? {
        if let configured = configuration.secrets[name], !configured.isEmpty { return configured }
        return try await configuration.findSecrets(name)
    }

    private func signatureHeaders(of due: DueMessage, secrets: [WebhookSecret]) -> [(name: String, value: String)] {
        let timestamp = clock.now().milliseconds / 1000
        let signatures = secrets.map {
            $0.signature(messageID: due.messageID, timestamp: timestamp, body: due.message.body)
        }
        return [
            ("webhook-id", due.messageID),
            ("webhook-timestamp", String(timestamp)),
            ("webhook-signature", signatures.joined(separator: " ")),
        ]
    }

    private func record(
        _ result: DeliveryResult, of due: DueMessage, attempt: Int, startedAt: JobTime
    ) async throws {
        let now = clock.now()
        let nextAt = nextAttempt(after: attempt, result).map { now + $0 }
        let entry = DeliveryAttempt(
            attempt: attempt, startedAt: startedAt, duration: startedAt.duration(to: now), status: result.status,
            error: result.isSuccess ? nil : result.words)
        if !result.isSuccess {
            logger.notice(
                "callback not delivered",
                metadata: ["message": "\(due.messageID)", "attempt": "\(attempt)", "found": "\(result.words)"])
        }
        try await patient.write("a callback's delivery") { transaction in
            try DeliveryLog(transaction).record(entry, of: due.id)
            let store = OutboxStore(transaction)
            if let status = result.status, result.isSuccess {
                try store.recordSuccess(due.id, attempt: attempt, status: status, now: now)
                return
            }
            try store.recordFailure(
                due.id, attempt: attempt, status: result.status, error: result.words, nextAt: nextAt, now: now)
            if result.isGone { try DeliveryLog(transaction).disable(due.message.url, now: now) }
        }
    }

    /// - Returns: The wait; nil when no attempt is left.
    private func nextAttempt(after attempt: Int, _ result: DeliveryResult) -> Duration? {
        guard attempt < configuration.backoff.count, !result.isFinal else { return nil }
        let wait = configuration.backoff[attempt] * (1 + configuration.jitter * random())
        guard case .response(_, let retryAfter?) = result else { return wait }
        return max(wait, min(retryAfter, configuration.retryAfterMax))
    }
}

extension DeliveryResult {
    var isSuccess: Bool {
        if case .response(200..<300, _) = self { true } else { false }
    }

    /// The receiver wants no more, for ever (410).
    fileprivate var isGone: Bool { status == 410 }

    fileprivate var isFinal: Bool {
        if case .refused = self { true } else { isGone }
    }

    fileprivate var status: Int? {
        if case .response(let status, _) = self { status } else { nil }
    }

    fileprivate var words: String {
        switch self {
        case .response(let status, _): "expected a status of 2xx, found \(status)"
        case .failed(let reason), .refused(let reason): reason
        }
    }
}
