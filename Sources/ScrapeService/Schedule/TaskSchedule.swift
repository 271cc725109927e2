import Database
import Foundation
import JSONBytes
import JobQueue
import RPC

/// When a task is started again and again.
struct TaskSchedule: Sendable {
    static let cronCharacters = 1...200
    static let zoneCharacters = 1...100
    /// Seconds between two starts: from one to a year.
    static let intervals = 1...31_536_000

    let schedule: JobSchedule

    /// What the queue calls it.
    static func name(of task: String) -> String { "task \(task)" }

    /// Reads the body that makes or replaces a schedule: either `cron` or `interval_seconds`.
    init(_ body: JSONValue, of task: String, at path: FieldCheck.Path) throws(RPCError) {
        var fields = FieldCheck()
        guard case .object = body else {
            fields.refuse(path, FieldCheck.notAnObject, type: "model_attributes_type")
            throw .invalidArguments(fields.violations)
        }
        let cron = fields.optionalText(body["cron"], at: path + ["cron"], Self.cronCharacters)
        let zone = fields.optionalText(body["time_zone"], at: path + ["time_zone"], Self.zoneCharacters) ?? "UTC"
        let given = body["interval_seconds"]?.unlessNull
        let seconds = fields.integer(given, at: path + ["interval_seconds"], in: Self.intervals)
        // All that were missed at once would find the task running.
        let policies = [JobSchedule.MissedRuns.once, .skip]
        let missed =
            fields.word(body["missed"], at: path + ["missed"], of: policies.map(\.rawValue))
            .flatMap(JobSchedule.MissedRuns.init) ?? .once
        try fields.check()
        let (name, job) = (Self.name(of: task), StartJob.newJob(task: task))
        do {
            switch (cron, seconds) {
            case (let cron?, nil):
                schedule = try JobSchedule(name: name, cron: cron, zone: zone, missed: missed, job: job)
                return
            case (nil, let seconds?):
                schedule = try JobSchedule(name: name, every: .seconds(seconds), missed: missed, job: job)
                return
            default: fields.refuse(path, "Value error, expected either cron or interval_seconds", type: "value_error")
            }
        } catch {
            let member = cron != nil && "\(error)".contains("time zone") ? "time_zone" : "cron"
            fields.refuse(path + [.name(member)], "Value error, \(error)", type: "value_error")
        }
        throw .invalidArguments(fields.violations)
    }
}

extension JSONWriter {
    mutating func schedule(_ found: (schedule: JobSchedule, nextAt: JobTime?), of task: String) {
        let schedule = found.schedule
        beginObject()
        text("task_id", task)
        switch schedule.rule {
        case .cron(_, let cron):
            text("cron", cron)
            text("time_zone", schedule.zoneName)
            text("interval_seconds", nil)
        case .every(let interval):
            text("cron", nil)
            text("time_zone", nil)
            number("interval_seconds", Int(interval.components.seconds))
        }
        text("missed", schedule.missed.rawValue)
        text("next_at", found.nextAt.map { UTCTime.text($0.milliseconds) })
        endObject()
    }
}
