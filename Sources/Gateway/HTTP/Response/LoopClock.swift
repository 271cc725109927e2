import Glibc

/// The wall clock of one event loop; the text of a second is written once.
struct LoopClock {
    private var second = Int.min
    private var date = ""

    /// The `Date` field of an answer (RFC 9110, 5.6.7).
    mutating func httpDate() -> String {
        let now = Self.now().tv_sec
        if now != second {
            second = now
            date = TimeText.httpDate(secondsSince1970: now)
        }
        return date
    }

    /// Milliseconds since 1970.
    static func milliseconds() -> Int64 {
        let now = now()
        return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
    }

    private static func now() -> timespec {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time
    }
}
