import Glibc

/// A time as signatures carry it: `20261121T174619Z`, and its day alone.
struct S3Timestamp {
    let text: String

    var day: String { String(text.prefix(8)) }

    /// - Parameter seconds: Since 1970, UTC.
    init(seconds: Int) {
        var moment = time_t(seconds)
        var parts = tm()
        gmtime_r(&moment, &parts)
        let numbers = [
            (parts.tm_year + 1900, 4), (parts.tm_mon + 1, 2), (parts.tm_mday, 2), (parts.tm_hour, 2),
            (parts.tm_min, 2), (parts.tm_sec, 2),
        ]
        let digits = numbers.map { number, width in
            let text = String(number)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        text = "\(digits[0..<3].joined())T\(digits[3...].joined())Z"
    }

    /// The seconds since 1970 of a time in an answer, `2026-11-21T17:46:19.000Z`; nil when it is none.
    static func seconds(parsing text: String) -> Int? {
        let numbers = text.prefix(19).split { !$0.isNumber }.compactMap { Int32($0) }
        guard numbers.count == 6, text.hasSuffix("Z") else { return nil }
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (numbers[0] - 1900, numbers[1] - 1, numbers[2])
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (numbers[3], numbers[4], numbers[5])
        return timegm(&parts)
    }
}
