import Database
import PostgreSQLTesting
import StoreTesting
import Synchronization
import TestSupport
import Testing

@testable import JobQueue

extension StoreTests {
    @Suite("caps set while a queue runs")
    struct CapTests {
        /// Executions that wait for the test, counted.
        private let running = Shared(0)
        private let mayEnd = Gate()
        /// For those beyond the third.
        private let othersMayEnd = Gate()

        private var handler: ScriptedHandler {
            ScriptedHandler { _ in
                let number = running.change { count in
                    count += 1
                    return count
                }
                await (number <= 3 ? mayEnd : othersMayEnd).wait()
                return .succeeded()
            }
        }

        // setting 1   ─► 1 runs, the process is full
        // cap 3       ─────────────► 3 run
        // no cap      ──────────────────────► no more than the setting, once they have ended
        @Test("raise a process above its own setting", arguments: StoreEngine.allCases)
        func raise(on engine: StoreEngine) async throws {
            var configuration = JobQueueConfiguration()
            configuration.queues = [QueueOptions(name: "default", concurrencyMax: 1)]
            let harness = try await EngineHarness(handler, on: engine, configuration: configuration)
            try await harness.running {
                for _ in 0..<5 { _ = try await harness.submit() }
                try await eventually("the first") { running.value == 1 }
                // The process has looked for more, and knows that there is no room.
                try await eventually("a full process") {
                    harness.queue.engine.state.withLock { $0.caps["default"] == 1 }
                }
                try await harness.store.database.write { try harness.queue.setCap(3, of: "default", in: $0) }
                try await eventually("three of them") { running.value == 3 }
                try await eventually("a process that is full again") {
                    harness.queue.engine.state.withLock { $0.caps["default"] == 3 }
                }
                #expect(running.value == 3)
                try await harness.store.database.write { try harness.queue.setCap(nil, of: "default", in: $0) }
                mayEnd.open()
                try await eventually("one of the others") { running.value == 4 }
                try await eventually("a process that is full by its setting") {
                    harness.queue.engine.state.withLock { $0.caps["default"] == 1 && $0.live.count == 1 }
                }
                #expect(running.value == 4)
                othersMayEnd.open()
                try await eventually("all of them") { running.value == 5 }
            }
        }

        // process 1   setting 1: runs one, is full ────────────────► told of the cap: runs three
        // process 2                              cap 3
        @Test("raise other processes, too")
        func raiseElsewhere() async throws {
            let address = try await PostgreSQLTrait.current.makeDatabase()
            let first = ProcessHarness(address, handler) {
                $0.queues = [QueueOptions(name: "default", concurrencyMax: 1)]
            }
            let second = ProcessHarness(address, handler) { $0.queues = [] }
            try await ProcessHarness.running([first, second]) {
                for _ in 0..<3 { _ = try await first.submit() }
                try await eventually("the first") { running.value == 1 }
                try await eventually("a full process") {
                    first.queue.engine.state.withLock { $0.caps["default"] == 1 }
                }
                try await second.database.write { try second.queue.setCap(3, of: "default", in: $0) }
                try await eventually("three of them") { running.value == 3 }
                mayEnd.open()
            }
        }
    }
}
