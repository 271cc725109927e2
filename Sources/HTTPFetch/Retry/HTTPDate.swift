/// Reads the three forms of date that HTTP knows (RFC 9110, section 5.6.7).
package enum HTTPDate {
    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    /// Seconds since 1970, or nil when `text` is no such date.
    package static func seconds(parsing text: String) -> Int? {
        let words = text.split { $0 == " " || $0 == "," }.map { $0.lowercased() }
        switch words.count {
        case 6 where words[5] == "gmt":  // Sun, 06 Nov 1994 08:49:37 GMT
            return seconds(year: words[3], month: words[2], day: words[1], time: words[4])
        case 4 where words[3] == "gmt":  // Sunday, 06-Nov-94 08:49:37 GMT
            let date = words[1].split(separator: "-").map(String.init)
            guard date.count == 3 else { return nil }
            return seconds(year: date[2], month: date[1], day: date[0], time: words[2])
        case 5:  // Sun Nov  6 08:49:37 1994
            return seconds(year: words[4], month: words[1], day: words[2], time: words[3])
        default:
            return nil
        }
    }

    private static func seconds(year: String, month: String, day: String, time: String) -> Int? {
        let clock = time.split(separator: ":").map { Int($0) ?? -1 }
        guard let month = months.firstIndex(of: month), let day = Int(day), var year = Int(year), clock.count == 3,
            (1...31).contains(day), (0...23).contains(clock[0]), (0...59).contains(clock[1]),
            (0...60).contains(clock[2]), (0...9_999).contains(year)
        else { return nil }
        // Two digits, of the obsolete form only: read as the years 1970 to 2069.
        if year < 100 { year += year < 70 ? 2_000 : 1_900 }
        return ((daysSince1970(year: year, month: month + 1, day: day) * 24 + clock[0]) * 60 + clock[1]) * 60 + clock[2]
    }

    /// Counts the days of years that begin in March, so that the leap day comes last.
    private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        let leapDays = shifted / 4 - shifted / 100 + shifted / 400
        return shifted * 365 + leapDays + dayOfYear - 719_468
    }
}
