import Database
import Foundation
import PostgreSQLTesting
import TestSupport
import Testing

@testable import JobQueue

extension StoreTests {
    @Suite("callbacks of processes that share a store")
    struct SharedOutboxTests {
        private let message = OutboxMessage(url: "http://receiver/", body: Array("{}".utf8))
        private let handler = ScriptedHandler { _ in .succeeded() }

        @Test("are made by one of them each")
        func once() async throws {
            let address = try await PostgreSQLTrait.current.makeDatabase()
            let receiver = ScriptedReceiver(.response(status: 200))
            let processes = (0..<3).map { _ in
                ProcessHarness(address, handler, receiver: receiver) {
                    // All of them look all the time.
                    $0.outbox.pollInterval = .milliseconds(1)
                }
            }
            try await ProcessHarness.running(processes) {
                for number in 0..<90 {
                    let process = processes[number % 3]
                    try await process.database.write { try process.queue.enqueue(message, in: $0) }
                }
                try await eventually(within: .seconds(30), "all deliveries") {
                    try await processes[0].database.read { transaction in
                        try transaction.value("SELECT count(*) FROM outbox WHERE state = 'delivered'") == 90
                    }
                }
                #expect(receiver.count == 90)
                #expect(Set(receiver.deliveries.value.map(\.messageID)).count == 90)
            }
        }

        // first       disables ──── holds its transaction ──── commits
        // second                disables, has to wait ──────────────── commits
        @Test("stop when a receiver is gone, also when several hear so at once")
        func gone() async throws {
            let address = try await PostgreSQLTrait.current.makeDatabase()
            let processes = (0..<2).map { _ in ProcessHarness(address, handler) }
            try await ProcessHarness.running(processes) {
                let (isDisabled, mayCommit) = (Gate(), DispatchSemaphore(value: 0))
                let disable = { @Sendable (transaction: any Transaction) throws in
                    let now = JobTime(milliseconds: try #require(transaction.time))
                    try DeliveryLog(transaction).disable(message.url, now: now)
                }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        try await processes[0].database.write { transaction in
                            try disable(transaction)
                            isDisabled.open()
                            _ = mayCommit.wait(timeout: .now() + 30)
                        }
                    }
                    await isDisabled.wait()
                    group.addTask { try await processes[1].database.write(disable) }
                    try await eventually("the second one waits") {
                        try await processes[1].database.read { transaction in
                            try transaction.value(
                                "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'") == 1
                        }
                    }
                    mayCommit.signal()
                    try await group.waitForAll()
                }
                #expect(try await processes[0].database.read { try DeliveryLog($0).isDisabled(message.url) })
            }
        }

        @Test("are made by another one when the first has taken them and is heard of no more")
        func taken() async throws {
            let address = try await PostgreSQLTrait.current.makeDatabase()
            let receiver = ScriptedReceiver(.response(status: 200))
            let living = ProcessHarness(address, handler, receiver: receiver) {
                $0.outbox.pollInterval = .milliseconds(10)
            }
            try await ProcessHarness.running([living]) {
                try await living.database.write { transaction in
                    let store = OutboxStore(transaction)
                    let now = JobTime(milliseconds: try #require(transaction.time))
                    try store.insert(message, dueAt: now, now: now)
                    // What a process does before it dies in the middle of the attempt.
                    let taken = try store.take(now: now, except: [], heldUntil: now + .milliseconds(1_500), limit: 1)
                    #expect(taken.count == 1)
                }
                let isWaiting: SQL = "SELECT count(*) FROM outbox WHERE state = 'waiting'"
                #expect(try await living.database.read { try $0.value(isWaiting) } == 1)
                try await eventually("the delivery") { receiver.count == 1 }
                try await eventually("its record") { try await living.database.read { try $0.value(isWaiting) } == 0 }
            }
        }
    }
}
