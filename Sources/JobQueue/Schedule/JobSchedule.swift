package import Foundation

/// A job that is submitted again and again.
package struct JobSchedule: Sendable {
    /// When it is due.
    package enum Rule: Hashable, Sendable {
        /// Five fields of crontab(5), in the time of a zone.
        case cron(CronExpression, text: String)
        /// After a fixed time, counted from the moment the schedule was made.
        case every(Duration)
    }

    /// What happens to instants at which nobody was there to submit it.
    package enum MissedRuns: String, Hashable, Sendable, CaseIterable {
        /// Nothing: it runs at the next instant.
        case skip
        /// One job stands for all of them.
        case once
        /// One job for each of them, the last 100.
        case all
    }

    /// The latest an instant is noticed without having been missed.
    static let lateness = Duration.seconds(60)
    static let missedMax = 100

    package let name: String
    package let rule: Rule
    package let zone: TimeZone
    /// What the zone was called: Foundation has names of its own for some.
    package let zoneName: String
    package let missed: MissedRuns
    /// What is submitted, with everything but an instant and a unique key: these are made of the schedule.
    package let job: NewJob

    /// - Parameter cron: As in crontab(5). Throws `ScheduleError` when it is none, the zone is unknown, or the job is one
    ///   that can only be submitted once.
    package init(
        name: String, cron: String, zone: String = "UTC", missed: MissedRuns = .once, job: NewJob
    ) throws {
        guard TimeZone(identifier: zone) != nil else {
            throw ScheduleError("expected a time zone such as Europe/Berlin, found \"\(zone)\"")
        }
        try Self.check(job)
        self.init(name: name, rule: .cron(try CronExpression(cron), text: cron), zone: zone, missed: missed, job: job)
    }

    package init(name: String, every interval: Duration, missed: MissedRuns = .once, job: NewJob) throws {
        guard interval >= .seconds(1) else {
            throw ScheduleError("expected an interval of at least a second, found \(interval)")
        }
        try Self.check(job)
        self.init(name: name, rule: .every(interval), zone: "UTC", missed: missed, job: job)
    }

    private static func check(_ job: NewJob) throws {
        guard job.runAt == nil, job.uniqueKey == nil, job.dependencies.isEmpty, job.predecessor == nil else {
            throw ScheduleError(
                "expected a job without an instant, a unique key, dependencies or a predecessor of its own")
        }
    }

    /// - Parameter zone: Its name; of one that is not known any more, UTC.
    init(name: String, rule: Rule, zone: String, missed: MissedRuns, job: NewJob) {
        self.name = name
        self.rule = rule
        self.zone = TimeZone(identifier: zone) ?? .gmt
        zoneName = zone
        self.missed = missed
        self.job = job
    }

    /// The instant that follows one at which it was due; nil when there is none.
    func next(after time: JobTime) -> JobTime? {
        switch rule {
        case .cron(let expression, _): expression.next(after: time, in: zone)
        case .every(let interval): time + interval
        }
    }

    /// What is to be submitted now, and when to look again.
    ///
    /// - Parameter due: The instant that was planned; not later than now.
    func instants(from due: JobTime, now: JobTime) -> (run: [JobTime], next: JobTime?) {
        var (run, next): ([JobTime], JobTime?) = ([], due)
        if case .every(let interval) = rule {
            // A clock that jumped years ahead would otherwise be followed in steps.
            let passed = (now.milliseconds - due.milliseconds) / max(interval.wholeMilliseconds, 1)
            let skipped = max(0, passed - Int64(Self.missedMax))
            next = JobTime(milliseconds: due.milliseconds + skipped * interval.wholeMilliseconds)
        }
        while let instant = next, instant <= now {
            run.append(instant)
            if run.count > Self.missedMax { run.removeFirst() }
            next = self.next(after: instant)
        }
        switch missed {
        case .all: break
        case .once: run = Array(run.suffix(1))
        case .skip: run = run.suffix(1).filter { $0 + Self.lateness >= now }
        }
        return (run, next)
    }
}
