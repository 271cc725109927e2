import Database
import TestSupport
import Testing

@testable import JobQueue

@Suite("the log of callbacks")
struct DeliveryLogTests {
    private func harness(_ receiver: ScriptedReceiver, backoff: [Duration]) async throws -> EngineHarness {
        var configuration = JobQueueConfiguration()
        configuration.outbox.backoff = backoff
        configuration.outbox.jitter = 0
        return try await EngineHarness(
            ScriptedHandler { _ in .succeeded() }, configuration: configuration, deliver: receiver.deliver)
    }

    private func send(_ urls: String..., through harness: EngineHarness) async throws {
        try await harness.store.database.write { transaction in
            for url in urls {
                try harness.queue.enqueue(OutboxMessage(url: url, body: Array("{}".utf8)), in: transaction)
            }
        }
    }

    private func list(
        _ harness: EngineHarness, after: String? = nil, limit: Int = 100,
        _ change: (inout DeliveryFilter) -> Void = { _ in }
    ) async throws -> [Delivery] {
        var filter = DeliveryFilter()
        change(&filter)
        let wanted = filter
        return try await harness.store.database.read { try DeliveryLog($0).list(wanted, after: after, limit: limit) }
    }

    private func states(_ harness: EngineHarness) async throws -> [Delivery.State] {
        try await list(harness).map(\.state)
    }

    @Test("holds every attempt, what was answered, and when")
    func attempts() async throws {
        let long = String(repeating: "x", count: 10_000)
        let receiver = ScriptedReceiver(.response(status: 500), .failed(reason: long), .response(status: 204))
        let harness = try await harness(receiver, backoff: [.zero, .seconds(1), .seconds(1)])
        try await harness.running {
            try await send("http://receiver/", through: harness)
            for attempt in 1...3 {
                let recorded: SQL = "SELECT count(*) FROM outbox_attempts WHERE attempt = \(attempt)"
                try await eventually("attempt \(attempt)") { try await harness.store.count(recorded) == 1 }
                harness.clock.advance(by: .seconds(1))
            }
            let delivery = try #require(try await list(harness).first)
            #expect(delivery.state == .delivered && delivery.attempts == 3 && delivery.error == nil)
            let log = try await harness.store.database.read { try DeliveryLog($0).attempts(of: delivery.id) }
            #expect(log.map(\.attempt) == [3, 2, 1] && log.map(\.status) == [204, nil, 500])
            #expect(log.map(\.error?.count) == [nil, DeliveryLog.errorCharactersMax, 35])
            #expect(log.map(\.startedAt) == [.zero + .seconds(2), .zero + .seconds(1), .zero])
        }
    }

    @Test("a receiver that is gone gets nothing more, until it is asked for")
    func gone() async throws {
        let receiver = ScriptedReceiver(
            .response(status: 500), .response(status: 410), .response(status: 200))
        let harness = try await harness(receiver, backoff: [.zero, .seconds(60)])
        try await harness.running {
            try await send("http://gone/", through: harness)
            try await eventually("the first to be recorded") { try await list(harness).first?.attempts == 1 }
            try await send("http://gone/", through: harness)
            // The second is answered 410; the first, which waits, fails with it.
            try await eventually("both to fail") { try await states(harness) == [.failed, .failed] }
            try await send("http://gone/", "http://other/", through: harness)
            try await eventually("the other") { try await states(harness) == [.delivered, .failed, .failed, .failed] }
            #expect(receiver.deliveries.value.map(\.url) == ["http://gone/", "http://gone/", "http://other/"])
            #expect(try await list(harness).dropFirst().allSatisfy { $0.error?.contains("410") == true })

            let replayed = try await replay(harness) { $0.url = "http://gone/" }
            #expect(replayed.count == 3 && !replayed.more)
            try await eventually("all") { try await states(harness).allSatisfy { $0 == .delivered } }
            #expect(receiver.count == 6)
        }
    }

    @Test("a replay keeps the id, begins to count anew and leaves what waits alone")
    func replayOfOne() async throws {
        let receiver = ScriptedReceiver(.response(status: 500))
        let harness = try await harness(receiver, backoff: [.zero])
        try await harness.running {
            try await send("http://receiver/", through: harness)
            try await eventually("the end") { try await states(harness) == [.failed] }
            let id = try #require(try await list(harness).first?.id)
            #expect(try await replay(harness) { $0.id = id }.count == 1)
            try await eventually("the second end") {
                receiver.count == 2 ? try await states(harness) == [.failed] : false
            }
            #expect(Set(receiver.deliveries.value.map(\.messageID)) == [id])
            #expect(receiver.deliveries.value.map(\.attempt) == [1, 1])
            #expect(try await replay(harness) { $0.id = "msg_unknown" }.count == 0)
            #expect(try await replay(harness) { $0.state = .waiting }.count == 0)
        }
    }

    @Test("is read in pages by what is asked for, and a replay is bounded")
    func pages() async throws {
        let harness = try await harness(ScriptedReceiver(.response(status: 200)), backoff: [.zero])
        // Nobody delivers: the queue does not run.
        try await harness.queue.start()
        try await harness.store.database.write { transaction in
            for number in 0..<1_005 {
                let message = OutboxMessage(url: "http://receiver/\(number % 2)", body: [])
                try harness.queue.enqueue(message, in: transaction)
            }
            try transaction.execute("UPDATE outbox SET state = 'failed', created_at = id * 1000")
        }
        var ids: [String] = []
        var after: String?
        repeat {
            let page = try await list(harness, after: after, limit: 400)
            ids += page.map(\.id)
            after = page.last?.id
        } while after != nil
        #expect(ids.count == 1_005 && Set(ids).count == 1_005)
        #expect(try await list(harness) { $0.url = "http://receiver/1" }.allSatisfy { $0.url.hasSuffix("1") })
        let window = try await list(harness) {
            $0.since = JobTime(milliseconds: 10_000)
            $0.until = JobTime(milliseconds: 12_000)
        }
        #expect(window.map(\.createdAt.milliseconds) == [11_000, 10_000])
        #expect(try await list(harness) { $0.state = .delivered } == [])

        let first = try await replay(harness) { $0.state = .failed }
        #expect(first.count == DeliveryLog.replayMax && first.more)
        let second = try await replay(harness) { $0.state = .failed }
        #expect(second.count == 5 && !second.more)
    }

    @Test("is forgotten after its retention")
    func retention() async throws {
        let store = try await StoreHarness()
        try await store.database.write { transaction in
            let log = DeliveryLog(transaction)
            for second in 0..<10 {
                let time = JobTime(milliseconds: Int64(second) * 1_000)
                try log.record(
                    DeliveryAttempt(attempt: 1, startedAt: time, duration: .zero, status: 200, error: nil), of: 1)
                try log.disable("http://gone/\(second)", now: time)
            }
            let cutoff = JobTime(milliseconds: 5_000)
            #expect(try (0..<5).map { _ in try log.sweep(before: cutoff, rowsMax: 3) } == [3, 3, 3, 1, 0])
            #expect(try log.isDisabled("http://gone/4") == false)
            #expect(try log.isDisabled("http://gone/5"))
        }
    }

    @Test("is kept as long as its message is tried")
    func keptWhileWaiting() async throws {
        let receiver = ScriptedReceiver(.response(status: 500))
        let harness = try await harness(receiver, backoff: [.zero, .seconds(86_400)])
        try await harness.running {
            try await send("http://receiver/", through: harness)
            try await eventually("an attempt") {
                try await harness.store.count("SELECT count(*) FROM outbox_attempts") == 1
            }
            let removed = try await harness.store.database.write {
                try DeliveryLog($0).sweep(before: .zero + .seconds(3_600), rowsMax: 10)
            }
            #expect(removed == 0)
        }
    }

    private func replay(
        _ harness: EngineHarness, _ change: (inout DeliveryFilter) -> Void
    ) async throws -> (count: Int, more: Bool) {
        var filter = DeliveryFilter()
        change(&filter)
        let wanted = filter
        return try await harness.store.database.write { try harness.queue.replay(wanted, in: $0) }
    }
}
