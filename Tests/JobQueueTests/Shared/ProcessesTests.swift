import Database
import PostgreSQLTesting
import Synchronization
import TestSupport
import Testing

@testable import JobQueue

extension StoreTests {
    @Suite("processes that share a store")
    struct ProcessesTests {
        @Test("run every job once, and together no more than the cap")
        func shareJobs() async throws {
            let address = try await PostgreSQLTrait.current.makeDatabase()
            let running = Shared((now: 0, most: 0))
            let runs = Shared<[JobID: Int]>([:])
            let handler = ScriptedHandler { job in
                running.change { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                runs.change { $0[job.id, default: 0] += 1 }
                await Task.yield()
                running.change { $0.now -= 1 }
                return .succeeded()
            }
            let processes = (0..<3).map { _ in
                ProcessHarness(address, handler) {
                    $0.queues = [QueueOptions(name: "default", concurrencyMax: 4)]
                    // A slot that another process frees is nobody's news.
                    $0.pollInterval = .milliseconds(50)
                }
            }
            try await ProcessHarness.running(processes) {
                var ids: [JobID] = []
                for number in 0..<150 { ids.append(try await processes[number % 3].submit()) }
                let all = Set(ids)
                try await eventually(within: .seconds(30), "all jobs") {
                    try await processes[0].database.read { transaction in
                        try transaction.value("SELECT count(*) FROM jobs WHERE state = 'succeeded'") == all.count
                    }
                }
                #expect(runs.value == Dictionary(uniqueKeysWithValues: all.map { ($0, 1) }))
                #expect(running.value.most <= 4)
            }
        }

        // process 1   runs the job ───────────────► stops it (told, not found by looking)
        // process 2            cancels it, watches it: running, cancelling, cancelled
        @Test("stop an execution that another one cancels, and watch each other's jobs in order")
        func cancelElsewhere() async throws {
            let address = try await PostgreSQLTrait.current.makeDatabase()
            let begun = Gate()
            let working = ScriptedHandler { job in
                job.progress(JobProgress(done: 7, total: 9))
                begun.open()
                await Gate().wait()
                try Task.checkCancellation()
                return .succeeded()
            }
            let first = ProcessHarness(address, working)
            let second = ProcessHarness(address, working) { $0.queues = [] }
            try await ProcessHarness.running([first, second]) {
                let id = try await second.submit()
                await begun.wait()
                let events = try await second.queue.events(of: id)
                var seen: [JobEvent] = []
                for await event in events {
                    seen.append(event)
                    if event == .progress(JobProgress(done: 7, total: 9)) {
                        let result = try await second.database.write { try second.queue.cancel(id, in: $0) }
                        #expect(result == .cancelling)
                    }
                }
                let states = seen.compactMap { event -> JobState? in
                    if case .state(let state) = event { state } else { nil }
                }
                #expect(states == [.running, .cancelling, .cancelled])
            }
        }

        // process 1   runs the job ── stopped ·································· goes on: may not write, changes nothing
        // process 2                     waits ── it is dead: runs the job again ── succeeded
        @Test("take the jobs of one that is not heard of any more, which cannot write when it comes back")
        func zombie() async throws {
            let address = try await PostgreSQLTrait.current.makeDatabase()
            let begun = Gate()
            let goesOn = Gate()
            let refused = Shared<[JobError]>([])
            let stopping = ScriptedHandler { job in
                begun.open()
                await goesOn.wait()
                do {
                    try await job.write { try $0.execute("INSERT INTO written VALUES (1)") }
                } catch let error as JobError {
                    refused.change { $0.append(error) }
                }
                return .succeeded(result: [1]) { try $0.execute("INSERT INTO written VALUES (2)") }
            }
            let first = ProcessHarness(address, stopping) { $0.workers = .short }
            let second = ProcessHarness(address, ScriptedHandler { _ in .succeeded(result: [2]) }) {
                $0.workers = .short
                $0.queues = [QueueOptions(name: "later", concurrencyMax: 1)]
            }
            try await first.database.write { try $0.execute("CREATE TABLE written (n BIGINT)") }
            try await ProcessHarness.running([first, second]) {
                let id = try await first.submit()
                await begun.wait()
                first.database.freeze()
                // Only now it may take jobs of the queue: it would have been as quick as the first.
                let successor = ProcessHarness(address, ScriptedHandler { _ in .succeeded(result: [2]) }) {
                    $0.workers = .short
                }
                try await ProcessHarness.running([successor]) {
                    try await eventually(within: .seconds(20), "the job run by another process") {
                        try await successor.state(id) == .succeeded
                    }
                }
                first.database.goOn()
                goesOn.open()
                try await eventually("the end of the old execution") {
                    first.queue.engine.state.withLock { $0.live.count } == 0
                }
                #expect(refused.value == [.leaseLost(id)])
                let snapshot = try await second.database.read { try second.queue.snapshot(of: id, in: $0) }
                #expect(snapshot?.result == [2])
                let written: Int? = try await second.database.read { try $0.value("SELECT count(*) FROM written") }
                #expect(written == 0)
                // It goes on under another name.
                try await eventually("work of the one that came back") {
                    let next = try await first.submit()
                    try await eventually { try await first.state(next) == .succeeded }
                    return true
                }
            }
        }

        @Test("run a job whose claim was committed without an answer")
        func lostClaim() async throws {
            let address = try await PostgreSQLTrait.current.makeDatabase()
            let process = ProcessHarness(address, ScriptedHandler { _ in .succeeded() }) {
                $0.workers.heartbeatInterval = .milliseconds(200)
                $0.workers.leaderInterval = .seconds(3_600)
            }
            try await ProcessHarness.running([process]) {
                try await eventually("a leader") { process.queue.engine.state.withLock { $0.term } != nil }
                let id = try await process.database.write { transaction in
                    try JobStore(transaction).submit(.work(), now: JobTime(milliseconds: 0)).id
                }
                process.database.loseAnswers(1)
                process.queue.engine.dispatchAlarm.ring()
                try await eventually("the job's end") { try await process.state(id) == .succeeded }
            }
        }

        @Test("have one leader, followed by another when it leaves")
        func leader() async throws {
            let address = try await PostgreSQLTrait.current.makeDatabase()
            let handler = ScriptedHandler { _ in .succeeded() }
            let processes = (0..<2).map { _ in ProcessHarness(address, handler) { $0.workers = .short } }
            let terms: @Sendable () -> [Int] = {
                processes.compactMap { process in process.queue.engine.state.withLock { $0.term } }
            }
            try await ProcessHarness.running([processes[0]]) {
                try await eventually("a leader") { terms() == [1] }
            }
            try await ProcessHarness.running([processes[1]]) {
                try await eventually("the next leader") { processes[1].queue.engine.state.withLock { $0.term } == 2 }
            }
        }
    }
}
