import Glibc

/// Moments as the gateway writes them, always in UTC and never in the words of a locale.
enum TimeText {
    /// `2023-05-10T12:34:56.789Z`, as in document 001; the moment is given in milliseconds since 1970.
    static func utc(milliseconds: Int64) -> String {
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1_000)
        let time = calendar(Int(seconds) - (rest < 0 ? 1 : 0))
        let date = "\(padded(time.tm_year + 1900, 4))-\(padded(time.tm_mon + 1))-\(padded(time.tm_mday))"
        return "\(date)T\(clock(time)).\(padded(Int32(rest < 0 ? rest + 1_000 : rest), 3))Z"
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`, the form of HTTP fields (RFC 9110, 5.6.7).
    static func httpDate(secondsSince1970: Int) -> String {
        let time = calendar(secondsSince1970)
        let (day, month) = (days[Int(time.tm_wday)], months[Int(time.tm_mon)])
        return "\(day), \(padded(time.tm_mday)) \(month) \(padded(time.tm_year + 1900, 4)) \(clock(time)) GMT"
    }

    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func calendar(_ secondsSince1970: Int) -> tm {
        var seconds = time_t(secondsSince1970)
        var time = tm()
        gmtime_r(&seconds, &time)
        return time
    }

    private static func clock(_ time: tm) -> String {
        "\(padded(time.tm_hour)):\(padded(time.tm_min)):\(padded(time.tm_sec))"
    }

    private static func padded(_ number: Int32, _ width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
