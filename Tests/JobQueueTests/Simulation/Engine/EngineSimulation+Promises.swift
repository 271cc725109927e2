import Database
import TestSupport

@testable import JobQueue

extension EngineSimulation {
    /// All that has to hold whenever nothing is under way.
    func check() throws {
        if process.work.most > Self.slots {
            throw violation("expected at most \(Self.slots) executions, found \(process.work.most)")
        }
        let (acknowledged, cancelled, watched) = (acknowledged.value, cancelled.value, watched.value)
        let broken = try look { transaction -> String? in
            for rule in JobRules.all(in: .sqlite) where try !transaction.query(rule.breaches).isEmpty {
                return "expected that \(rule.text)"
            }
            if let promise = try Self.brokenCallback(transaction) { return promise }
            let states = try Self.states(transaction)
            for id in acknowledged where states[id] == nil { return "acknowledged job \(id) is lost" }
            for id in cancelled where states[id] != .cancelling && states[id] != .cancelled {
                return "cancelled job \(id) is \(states[id]?.rawValue ?? "gone")"
            }
            for (id, seen) in watched {
                let (last, state) = (seen.last ?? .blocked, states[id] ?? .blocked)
                if last.isTerminal != state.isTerminal || (last.isTerminal && last != state) {
                    return "job \(id) is \(state.rawValue), and its watcher was told \(seen.map(\.rawValue))"
                }
            }
            return nil
        }
        if let broken { throw violation(broken) }
    }

    private static func brokenCallback(_ transaction: any Transaction) throws -> String? {
        let differing: Int? = try transaction.value(
            """
            SELECT count(*) FROM jobs j WHERE
                (SELECT count(*) FROM outbox o WHERE o.job = j.id AND o.url = \(SimulatedEngine.callback) || j.state)
                <> CASE WHEN j.state IN ('succeeded', 'failed', 'cancelled') THEN 1 ELSE 0 END
                OR (SELECT count(*) FROM outbox o WHERE o.job = j.id) > 1
            """)
        return differing == 0 ? nil : "expected a message for each end, found \(differing ?? -1) jobs that differ"
    }

    private static func states(_ transaction: any Transaction) throws -> [JobID: JobState] {
        var states: [JobID: JobState] = [:]
        for row in try transaction.query("SELECT id, state FROM jobs") {
            states[try row.get("id")] = try row.get("state")
        }
        return states
    }

    /// Without further trouble everything comes to its end: jobs, callbacks, watchers, and the process.
    func heal() throws {
        isHealed.change { $0 = true }
        process.database.trouble(percent: 0)
        process.work.heal()
        for _ in 0..<100 {
            while !process.work.executions.isEmpty { process.work.end(0, .success(.succeeded(result: [1]))) }
            executor.drain()
            if try unfinished().isEmpty { break }
            clock.advance(by: .seconds(3_600))
            executor.drain()
        }
        let rest = try unfinished()
        if !rest.isEmpty { throw violation("stuck: \(rest.joined(separator: ", "))") }
        try check()
        process.stop()
        executor.drain()
        guard process.hasEnded, process.failure == nil else {
            throw violation("the process does not end: \(process.failure.map { "\($0)" } ?? "it waits")")
        }
    }

    /// Jobs and callbacks that have not ended, in words.
    private func unfinished() throws -> [String] {
        try look { transaction in
            let rows = try transaction.query(
                """
                SELECT 'job ' || id || ' ' || state AS words FROM jobs
                WHERE state NOT IN ('succeeded', 'failed', 'cancelled')
                UNION ALL SELECT 'callback of job ' || job AS words FROM outbox WHERE state = 'waiting'
                """)
            return try rows.map { try $0.get("words") }
        }
    }

    /// Past the trouble of the process.
    private func look<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> T) throws -> T {
        let answer = Shared<Result<T, any Error>?>(nil)
        let eyes = SteppedDatabase(base, seed: 0)
        Task(executorPreference: executor) {
            let result: Result<T, any Error>
            do { result = .success(try await eyes.read(body)) } catch { result = .failure(error) }
            answer.change { $0 = result }
        }
        executor.drain()
        guard let result = answer.value else { throw violation("the store does not answer") }
        return try result.get()
    }

    func violation(_ promise: String) -> Violation { Violation(seed: seed, step: step, promise: promise) }
}
