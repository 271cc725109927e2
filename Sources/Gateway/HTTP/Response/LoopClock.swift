import Foundation

/// The wall clock of one event loop; the text of a second is written once.
struct LoopClock {
    private var second = Int.min
    private var date = ""

    /// The `Date` field of an answer (RFC 9110, 5.6.7).
    mutating func httpDate() -> String {
        let now = Int(Self.milliseconds() / 1_000)
        if now != second {
            second = now
            date = TimeText.httpDate(secondsSince1970: now)
        }
        return date
    }

    /// Milliseconds since 1970.
    static func milliseconds() -> Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }
}
