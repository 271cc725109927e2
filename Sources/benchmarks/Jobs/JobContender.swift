/// A queue whose jobs are counted.
struct JobContender {
    let name: String
    let run: () async throws -> JobRun

    /// One round between two looks at the disk.
    func round(_ number: Int) async throws -> JobRun {
        let before = try DiskControl.milliseconds()
        let run = try await run()
        let after = try DiskControl.milliseconds()
        let disk = "\(Report.number(before, digits: 2)) and \(Report.number(after, digits: 2)) ms"
        let label = number == 0 ? "warming up" : "round \(number)"
        Report.line(
            "\(label), \(name): \(Report.number(run.jobsPerSecond)) jobs/s; fdatasync before and after: \(disk)")
        return run
    }
}

/// Jobs that were done in a time.
struct JobRun: Decodable {
    var jobs: Int
    var seconds: Double
    /// Seconds that all threads computed.
    var processorTime: Double

    var jobsPerSecond: Double { Double(jobs) / seconds }
}
