import Glibc

/// Instants as the document writes them.
enum UTCTime {
    /// ISO 8601 in UTC, whole seconds: `2024-01-15T10:30:00Z`.
    static func text(_ milliseconds: Int64) -> String {
        var seconds = time_t(milliseconds / 1_000)
        var time = tm()
        gmtime_r(&seconds, &time)
        func padded(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(time.tm_year + 1900)-\(padded(time.tm_mon + 1))-\(padded(time.tm_mday))"
            + "T\(padded(time.tm_hour)):\(padded(time.tm_min)):\(padded(time.tm_sec))Z"
    }
}
