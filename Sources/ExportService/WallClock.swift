import Glibc

/// The system's clock and calendar, for what people read: stamps of records, folders of artefacts.
package enum WallClock {
    /// Milliseconds since 1970, UTC.
    package static func milliseconds() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
    }

    /// Seconds since 1970, UTC.
    package static func seconds() -> Int { Int(milliseconds() / 1_000) }

    /// RFC 3339 in the server's own time zone, whole seconds: `2021-09-06T17:24:34+08:00`.
    package static func text(milliseconds: Int64) -> String {
        let time = calendar(milliseconds)
        let offset = time.tm_gmtoff / 60
        let sign = offset < 0 ? "-" : "+"
        let zone = "\(sign)\(padded(abs(offset) / 60, 2)):\(padded(abs(offset) % 60, 2))"
        let day =
            "\(padded(Int(time.tm_year) + 1900, 4))-\(padded(Int(time.tm_mon) + 1, 2))-\(padded(Int(time.tm_mday), 2))"
        return
            "\(day)T\(padded(Int(time.tm_hour), 2)):\(padded(Int(time.tm_min), 2)):\(padded(Int(time.tm_sec), 2))\(zone)"
    }

    /// The folders of an artefact made at that time: year with month, and day, in the server's own time zone.
    package static func folders(milliseconds: Int64) -> (month: String, day: String) {
        let time = calendar(milliseconds)
        return (padded(Int(time.tm_year) + 1900, 4) + padded(Int(time.tm_mon) + 1, 2), padded(Int(time.tm_mday), 2))
    }

    private static func calendar(_ milliseconds: Int64) -> tm {
        var seconds = time_t(milliseconds / 1_000)
        var time = tm()
        localtime_r(&seconds, &time)
        return time
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
