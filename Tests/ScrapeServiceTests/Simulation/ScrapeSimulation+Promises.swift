import JSONBytes
import RPC
import Database
import ServiceContracts
import TestSupport

@testable import JobQueue
@testable import ScrapeService

extension ScrapeSimulation {
    /// All that has to hold at every moment.
    mutating func check() throws {
        for name in tasks { try checkTask(name) }
        try checkEnded()
        for (task, count) in deleted {
            let range = ResultID.range(of: task)
            let left = try number(
                "SELECT count(*) FROM scrape_results WHERE id >= \(range.lowerBound) AND id < \(range.upperBound)")
            if left > count { throw violation("deleted task \(task) has \(left) results, and had \(count)") }
            for rows in try [
                number("SELECT count(*) FROM scrape_tasks WHERE id = \(task)"),
                number("SELECT count(*) FROM scrape_executions WHERE task = \(task)"),
                number("SELECT count(*) FROM scrape_days WHERE task = \(task)"),
                number("SELECT count(*) FROM scrape_failures WHERE task = \(task)"),
            ] where rows != 0 { throw violation("deleted task \(task) has left \(rows) rows") }
        }
        try checkCounts()
    }

    private func checkTask(_ name: String) throws {
        guard let task = try TaskStore(transaction).task(name) else { throw violation("task \(name) is lost") }
        let executions = try ExecutionStore(transaction).history(of: name, limit: 1_000)
        let range = ResultID.range(of: task.id)
        let last = try number(
            "SELECT coalesce(max(id), -1) FROM scrape_results WHERE task = \(task.id)")
        let stored = try number("SELECT count(*) FROM scrape_results WHERE task = \(task.id)")
        guard stored == task.results, stored == executions.reduce(0, { $0 + $1.resultCount }),
            stored == 0 || last == Int(range.lowerBound) + stored - 1
        else { throw violation("\(name) has \(stored) results up to \(last), and counts \(task.results)") }
        let running = executions.filter { $0.state.status == .running }
        let isRunning = task.state.status == .running
        guard running.map(\.id) == (isRunning ? task.execution.map { [$0] } ?? [] : []) else {
            throw violation("\(name) is \(task.state.status) and has \(running.count) executions that run")
        }
        if let job = task.job, let state = try jobs.state(of: job) {
            let works = [JobState.blocked, .scheduled, .ready, .running].contains(state)
            if works != isRunning { throw violation("\(name) is \(task.state.status), its job \(state.rawValue)") }
        } else if isRunning {
            throw violation("\(name) runs without a job")
        }
        let spent = executions.reduce(Cost.zero) { Cost(millionths: $0.millionths + $1.spent.millionths) }
        if spent != task.spent { throw violation("\(name) has spent \(task.spent.text), its executions \(spent.text)") }
    }

    /// What has ended stays as it was, whoever reports late.
    private mutating func checkEnded() throws {
        for row in try transaction.query("SELECT * FROM scrape_executions WHERE status <> 'RUNNING'") {
            let id: Int64 = try row.get("id")
            let now = EndedExecution(
                status: try row.get("status"), error: try row.get("error_message"),
                results: try row.get("result_count"), endedAt: try row.get("completed_at"))
            if let before = ended.updateValue(now, forKey: id), before != now {
                throw violation("execution \(id) was \(before) and is \(now)")
            }
        }
    }

    /// Nothing that was spent or happened is forgotten, not even with its task.
    private func checkCounts() throws {
        let counted = try number("SELECT coalesce(sum(spent), 0) FROM scrape_days")
        if counted != Int(spent.millionths) { throw violation("\(spent.text) are spent, \(counted) counted") }
        let begun = try number("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'scrape_executions'")
        let started = try number("SELECT coalesce(sum(started), 0) FROM scrape_days")
        if begun != started { throw violation("\(begun) executions were begun, \(started) counted") }
        let over = try number("SELECT coalesce(sum(completed + failed + stopped), 0) FROM scrape_days")
        let known = try number("SELECT count(*) FROM scrape_executions WHERE status <> 'RUNNING'")
        if over < known || over > begun { throw violation("\(over) ends are counted of \(begun), \(known) known") }
    }

    /// Without further faults and budgets every task comes to its end, and has every post.
    mutating func heal() throws {
        for place in processes.indices { processes[place].zombies = [] }
        // Twice: what one has begun before there were new posts, the next one completes.
        for _ in 0..<2 {
            for name in tasks {
                _ = try steering.update(name, try TaskChange(["max_cost": nil], at: []), at: [])
                _ = try steering.start(name)
            }
            try settle()
        }
        for name in tasks {
            guard let task = try TaskStore(transaction).task(name) else { throw violation("task \(name) is lost") }
            guard task.state.status == .completed, task.results == posts else {
                throw violation("\(name) is \(task.state.status) with \(task.results) of \(posts) posts")
            }
        }
    }

    private mutating func settle() throws {
        for _ in 0..<300 {
            if try number("SELECT count(*) FROM scrape_tasks WHERE status = 'RUNNING'") == 0 { return }
            for place in processes.indices {
                try beat(place)
                try lead(place)
                try claim(place)
                for _ in 0..<4 { try crawl(place) }
            }
            parts.time.change { $0 = $0 + .seconds(4) }
            for name in tasks where try TaskStore(transaction).task(name)?.state.status == .failed {
                // A process died under it too often.
                _ = try steering.start(name)
            }
        }
        throw violation("tasks do not come to an end")
    }

    private func number(_ query: SQL) throws -> Int { try transaction.value(query) ?? 0 }
}
