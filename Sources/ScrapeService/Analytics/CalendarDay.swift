/// A day as people write it, `2026-01-31`, and as it is counted: days since 1970.
struct CalendarDay: Hashable, Sendable {
    let number: Int64

    init(number: Int64) { self.number = number }

    /// Nil unless it is a day there is, in the years 1970 to 9999.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, zip(parts, [4, 2, 2]).allSatisfy({ $0.utf8.count == $1 }),
            text.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let year = Int64(parts[0]), let month = Int64(parts[1]), let day = Int64(parts[2]), year >= 1970,
            (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        // Years that begin in March, so that the leap day is their last (Hinnant, days_from_civil).
        let (shifted, place) = month > 2 ? (year, month - 3) : (year - 1, month + 9)
        let ofEra = shifted % 400 * 365 + shifted % 400 / 4 - shifted % 400 / 100 + (153 * place + 2) / 5 + day - 1
        number = shifted / 400 * 146_097 + ofEra - 719_468
        guard self.text == text else { return nil }
    }

    var text: String { String(UTCTime.text(DayCounts.start(of: number)).prefix(10)) }
}
