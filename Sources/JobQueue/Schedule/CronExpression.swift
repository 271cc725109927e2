/// The five fields of crontab(5): minute, hour, day of month, month, day of week.
///
/// Lists, ranges, steps, names of months and days, 7 for Sunday, and `@hourly`, `@daily`, `@midnight`, `@weekly`,
/// `@monthly`, `@yearly`, `@annually` in place of all five. When both day fields are restricted, that is when neither
/// begins with `*`, a day fits that fits one of them.
package struct CronExpression: Hashable, Sendable {
    let minutes: Set<Int>
    let hours: Set<Int>
    let days: Set<Int>
    let months: Set<Int>
    /// 0 is Sunday.
    let weekdays: Set<Int>
    /// Whether a day has to fit only one of the two day fields.
    let fitsEitherDay: Bool
    /// Runs at least every hour: such jobs follow real time when clocks change.
    let isFrequent: Bool

    /// Throws `ScheduleError` when the text is no expression, or names no day that ever comes, as `30 2` does.
    package init(_ text: String) throws {
        let words = try Self.expanded(text).split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        guard words.count == 5 else {
            throw ScheduleError("expected five fields, or a word such as @daily, found \"\(text)\"")
        }
        minutes = try CronField.minute.values(of: words[0])
        hours = try CronField.hour.values(of: words[1])
        days = try CronField.day.values(of: words[2])
        months = try CronField.month.values(of: words[3])
        weekdays = Set(try CronField.weekday.values(of: words[4]).map { $0 % 7 })
        fitsEitherDay = !words[2].hasPrefix("*") && !words[4].hasPrefix("*")
        isFrequent = words[0].hasPrefix("*") || words[1].hasPrefix("*")
        guard fitsEitherDay || hasPossibleDay else {
            throw ScheduleError("expected a day that comes, found \"\(text)\"")
        }
    }

    func fits(_ day: CalendarDay) -> Bool {
        guard months.contains(day.month) else { return false }
        let (fitsDay, fitsWeekday) = (days.contains(day.day), weekdays.contains(day.weekday))
        return fitsEitherDay ? fitsDay || fitsWeekday : fitsDay && fitsWeekday
    }

    private var hasPossibleDay: Bool {
        months.contains { month in days.contains { $0 <= CalendarDay.longest(month) } }
    }

    private static func expanded(_ text: String) throws -> String {
        let text = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard text.hasPrefix("@") else { return text }
        switch text {
        case "@hourly": return "0 * * * *"
        case "@daily", "@midnight": return "0 0 * * *"
        case "@weekly": return "0 0 * * 0"
        case "@monthly": return "0 0 1 * *"
        case "@yearly", "@annually": return "0 0 1 1 *"
        default: throw ScheduleError("expected @hourly, @daily, @weekly, @monthly or @yearly, found \"\(text)\"")
        }
    }
}

/// Why a schedule is refused.
package struct ScheduleError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}
