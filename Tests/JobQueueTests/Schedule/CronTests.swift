import Foundation
import Testing

@testable import JobQueue

@Suite("cron expressions")
struct CronTests {
    private static func instant(_ text: String) throws -> JobTime {
        let date = try Date(text, strategy: .iso8601)
        return JobTime(milliseconds: Int64(date.timeIntervalSince1970) * 1000)
    }

    private static func text(_ time: JobTime?) -> String? {
        time.map { Date(timeIntervalSince1970: TimeInterval($0.milliseconds) / 1000).formatted(.iso8601) }
    }

    @Test(
        "are due as crontab(5) says",
        arguments: [
            ("* * * * *", "2026-01-01T00:00:30Z", "2026-01-01T00:01:00Z"),
            ("* * * * *", "2026-01-01T00:01:00Z", "2026-01-01T00:02:00Z"),
            ("*/15 * * * *", "2026-01-01T10:46:00Z", "2026-01-01T11:00:00Z"),
            ("5,35 9-17 * * mon-fri", "2026-01-02T17:36:00Z", "2026-01-05T09:05:00Z"),
            ("0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"),
            ("0 0 * * 7", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z"),
            ("0 12 * JAN-mar Sun", "2026-03-29T12:00:00Z", "2027-01-03T12:00:00Z"),
            ("10-20/5 4 1 * *", "2026-01-01T04:15:00Z", "2026-01-01T04:20:00Z"),
            // "if both fields are restricted, the command will be run when either field matches"
            ("30 4 1,15 * 5", "2026-01-01T05:00:00Z", "2026-01-02T04:30:00Z"),
            ("30 4 1,15 * 5", "2026-01-09T05:00:00Z", "2026-01-15T04:30:00Z"),
            // …and a field that begins with * is not restricted: both have to match.
            ("0 0 */2 * 1", "2026-01-01T00:00:00Z", "2026-01-05T00:00:00Z"),
            ("@hourly", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z"),
            ("@weekly", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z"),
            ("@yearly", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        ])
    func due(_ expression: String, after: String, expected: String) throws {
        let next = try CronExpression(expression).next(
            after: Self.instant(after), in: #require(TimeZone(secondsFromGMT: 0)))
        #expect(Self.text(next) == expected)
    }

    // Berlin 2026: 29 March 02:00 → 03:00 (01:00Z), 25 October 03:00 → 02:00 (01:00Z). Lord Howe moves by half an hour.
    @Test(
        "obey clocks that change, as cron(8) does",
        arguments: [
            ("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"),
            ("30 2 * * *", "Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"),
            ("30 * * * *", "Europe/Berlin", "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"),
            ("*/30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-30T00:00:00Z"),
            ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"),
            ("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"),
            ("30 * * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
            ("0 3 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T02:00:00Z"),
            ("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", "2026-10-03T15:30:00Z"),
            ("0 9 * * *", "Asia/Shanghai", "2026-01-01T00:30:00Z", "2026-01-01T01:00:00Z"),
            ("0 0 * * *", "America/Sao_Paulo", "2018-11-03T12:00:00Z", "2018-11-04T03:00:00Z"),
        ])
    func clocksChange(_ expression: String, zone: String, after: String, expected: String) throws {
        let next = try CronExpression(expression).next(
            after: Self.instant(after), in: #require(TimeZone(identifier: zone)))
        #expect(Self.text(next) == expected)
    }

    @Test(
        "are refused when they are none",
        arguments: [
            "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8",
            "5-1 * * * *",
            "*/0 * * * *", "5/10 * * * *", "1,,2 * * * *", "a * * * *", "-1 * * * *", "0 0 30 2 *", "0 0 31 4,6 *",
            "@never",
            "١ * * * *", "* * * * monday",
        ])
    func refused(_ expression: String) {
        #expect(throws: ScheduleError.self) { try CronExpression(expression) }
    }
}
