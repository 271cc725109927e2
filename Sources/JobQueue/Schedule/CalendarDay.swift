/// A day of the Gregorian calendar, without a time zone.
///
/// Counted by http://howardhinnant.github.io/date_algorithms.html (`days_from_civil`, `civil_from_days`).
struct CalendarDay: Hashable, Sendable {
    /// Days since 1970-01-01.
    let number: Int

    init(number: Int) { self.number = number }

    init(year: Int, month: Int, day: Int) {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        number = era * 146_097 + dayOfEra - 719_468
    }

    var next: CalendarDay { CalendarDay(number: number + 1) }

    /// 0 is Sunday; 1970 began on a Thursday.
    var weekday: Int { ((number + 4) % 7 + 7) % 7 }
    var month: Int { civil.month }
    var day: Int { civil.day }

    private var civil: (month: Int, day: Int) {
        let shifted = number + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        return (monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9, day)
    }

    /// The most days a month can have.
    static func longest(_ month: Int) -> Int { [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] }
}
