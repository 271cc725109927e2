package import Foundation

extension CronExpression {
    /// Days that are looked through: a 29th of February on a given weekday may be 40 years away.
    private static let daysMax = 366 * 41

    /// The first instant after `time` at which the expression is due in that zone; nil when there is none.
    ///
    /// Clocks that change are treated as Debian's cron(8) does: "Local time changes of less than three hours, such as
    /// those caused by the start or end of Daylight Saving Time, are handled specially. This only applies to jobs that run
    /// at a specific time and jobs that are run with a granularity greater than one hour. Jobs that run more frequently are
    /// scheduled normally. If time has moved forward, those jobs that would have run in the interval that has been skipped
    /// will be run immediately. Conversely, if time has moved backward, care is taken to avoid running jobs twice."
    ///
    ///     skipped hour     02:30 daily      runs when the clock jumps, at what is then called 03:00
    ///                      30 * * * *       does not run in that hour
    ///     repeated hour    02:30 daily      runs the first time
    ///                      30 * * * *       runs both times
    package func next(after time: JobTime, in zone: TimeZone) -> JobTime? {
        let clock = WallClockZone(zone)
        // Whole minutes, from the next one on.
        let from = (time.milliseconds / 60_000 + 1) * 60
        // A clock that went back shows yesterday's date again.
        var day = CalendarDay(number: Int((from + Int64(clock.offset(at: from))) / 86_400) - 1)
        for _ in 0..<Self.daysMax {
            if fits(day), let first = instants(of: day, clock).first(where: { $0 >= from }) {
                return JobTime(milliseconds: first * 1000)
            }
            day = day.next
        }
        return nil
    }

    /// When it is due on that day, in seconds since 1970, in order.
    private func instants(of day: CalendarDay, _ clock: WallClockZone) -> [Int64] {
        var instants: Set<Int64> = []
        for hour in hours {
            for minute in minutes {
                let wall = Int64(day.number) * 86_400 + Int64(hour) * 3_600 + Int64(minute) * 60
                let shown = clock.instants(showing: wall)
                if isFrequent {
                    instants.formUnion(shown)
                } else {
                    instants.insert(shown.first ?? clock.jump(over: wall))
                }
            }
        }
        return instants.sorted()
    }
}

/// What clocks on the wall of a zone show. Wall time is counted in seconds like the instants of a zone without offset.
struct WallClockZone {
    private let zone: TimeZone

    init(_ zone: TimeZone) { self.zone = zone }

    /// Seconds that the wall is ahead of UTC.
    func offset(at instant: Int64) -> Int {
        zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(instant)))
    }

    /// The instants at which the wall shows this, in order: none in a skipped hour, two in a repeated one.
    func instants(showing wall: Int64) -> [Int64] {
        let offsets = Set([offset(at: wall - 86_400), offset(at: wall + 86_400)])
        return offsets.map { wall - Int64($0) }.filter { wall - Int64(offset(at: $0)) == $0 }.sorted()
    }

    /// The instant at which the clock jumps over a time that it never shows.
    func jump(over wall: Int64) -> Int64 {
        var (before, after) = (wall - 86_400, wall + 86_400)
        let earlier = offset(at: before)
        while after - before > 1 {
            let middle = (before + after) / 2
            if offset(at: middle) == earlier { before = middle } else { after = middle }
        }
        return after
    }
}
