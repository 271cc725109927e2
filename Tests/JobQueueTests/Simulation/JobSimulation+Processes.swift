import TestSupport

@testable import JobQueue

/// What processes do, and what happens to them.
extension JobSimulation {
    mutating func claim(_ place: Int, jobsMax: Int = 3) throws {
        try store.promote(now: now)
        acknowledged.formUnion(try store.fireSchedules(now: now))
        let worker = processes[place].worker
        let request = ClaimRequest(
            queues: [QueueOptions(name: "default", concurrencyMax: Self.cap)], kinds: ["work"], jobsMax: jobsMax,
            rescuesBeforeAlone: 2, worker: worker, livingSince: now - Self.deadAfter, now: now)
        let claimed = try store.claim(request).jobs
        for job in claimed where !executions.insert(job.execution).inserted {
            throw violation("job \(job.id) was given twice under fence \(job.fence.rawValue)")
        }
        if claimed.count(where: { $0.limit?.key == Self.limits[1].key }) > 2 {
            throw violation("more than 2 jobs began in a window of 2")
        }
        if !random.chance(percent: 8) { processes[place].live += claimed }
    }

    /// Several at once, as they are written when they come while others are written.
    mutating func finish(_ place: Int, _ report: ExecutionReport? = nil) throws {
        let count = Int.random(in: 1...3, using: &random)
        let jobs = Array(processes[place].live.shuffled(using: &random).prefix(count))
        let before = try jobs.map { try store.row(of: $0.id) }
        let finishes = jobs.map { finishing($0, report ?? anyReport()) }
        let results = try store.finish(finishes, ended: ended)
        for (index, job) in jobs.enumerated() {
            let machine = before[index]?.machine
            if results[index] == .leaseLost, machine?.fence == job.fence, machine?.state.isExecuting == true {
                throw violation("job \(job.id) refused the execution that had it")
            }
        }
        if random.chance(percent: 10) {
            // Their answer is lost: they are reported again.
            let again = try store.finish(jobs.map { finishing($0, anyReport()) }, ended: ended)
            guard again.allSatisfy({ $0 == .leaseLost }) else {
                throw violation("one of \(jobs.map(\.id)) took two outcomes of one execution")
            }
        }
        let ended = Set(jobs.map(\.execution))
        processes[place].live.removeAll { ended.contains($0.execution) }
    }

    private mutating func anyReport() -> ExecutionReport {
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<5: .outcome(.succeeded(result: [1]))
        case 5: .outcome(.failed(reason: "no"))
        case 6, 7: .outcome(.retry(reason: "again"))
        case 8: .outcome(.park(until: now + .seconds(3), note: "later"))
        default: .stopped
        }
    }

    private func finishing(_ job: ClaimedJob, _ report: ExecutionReport) -> Finish {
        Finish(job: job, report: report, now: now, random: 0.5)
    }

    mutating func progress(_ place: Int) throws {
        let jobs = processes[place].live + processes[place].zombies
        guard let job = jobs.randomElement(using: &random) else { return }
        try store.store([ProgressUpdate(id: job.id, fence: job.fence, progress: JobProgress(done: step))], now: now)
    }

    /// The grace of an execution is over that does not end.
    mutating func withdraw(_ place: Int) throws {
        guard let job = processes[place].live.randomElement(using: &random) else { return }
        _ = try store.withdraw(job.id, fence: job.fence, now: now, ended: ended)
    }

    mutating func beat(_ place: Int) throws {
        let process = processes[place]
        let heartbeat = try store.heartbeat(of: process.worker, now: now, livingSince: now - Self.deadAfter)
        let lost = process.live.filter { heartbeat.executing[$0.id] != $0.fence }
        processes[place].live.removeAll { job in lost.contains { $0.execution == job.execution } }
        if random.chance(percent: 50) { processes[place].zombies += lost }
        let known = Set(processes[place].live.map(\.execution))
        for (id, fence) in heartbeat.executing.sorted(by: { $0.key < $1.key }) {
            let execution = ClaimedJob.Execution(job: id, fence: fence)
            if !known.contains(execution) { try store.giveBack(execution, now: now, ended: ended) }
        }
        if !heartbeat.isKnown {
            let renamed = try makeProcess().worker
            processes[place].worker = renamed
        }
    }

    mutating func lead(_ place: Int) throws {
        guard let term = try store.lead(as: processes[place].worker, now: now, until: now + Self.deadAfter),
            try store.isLeading(term: term)
        else { return }
        _ = try store.rescue(rescuesMax: 4, now: now, livingSince: now - Self.deadAfter, ended: ended)
        try store.removeDeadWorkers(livingSince: now - Self.deadAfter)
    }

    /// The process ends, or is cut off: then its executions go on and report when nobody waits for them.
    mutating func die(_ place: Int) throws {
        let gone = processes[place]
        processes[place] = try makeProcess()
        if random.chance(percent: 50) { processes[place].zombies = gone.zombies + gone.live }
    }

    mutating func lateReport(_ place: Int) throws {
        guard let job = processes[place].zombies.popLast() else { return }
        let row = try store.row(of: job.id)
        let result = try store.finish([finishing(job, .outcome(.succeeded(result: [2])))], ended: ended)[0]
        if let row, row.machine.fence != job.fence, result != .leaseLost {
            throw violation("job \(job.id) took a report under fence \(job.fence.rawValue)")
        }
    }

    mutating func makeProcess() throws -> SimulatedProcess {
        processesMade += 1
        let process = SimulatedProcess(worker: "process \(processesMade)")
        try store.register(process.worker, now: now)
        return process
    }
}
