import Synchronization
import XAPI

/// How many calls each credential has left at each endpoint, as far as answers have said: so that the API need not
/// refuse one. Windows that are not known let every call pass.
final class RateWindows: Sendable {
    struct Key: Hashable, Sendable {
        /// The account's id; empty for the default credential.
        let credential: String
        let endpoint: String
    }

    private struct Window {
        var remaining: Int
        /// In seconds since 1970.
        var resetAt: Int
    }

    /// The longest wait for the API's next window, in seconds; its own are of a quarter of an hour or a day.
    static let waitSecondsMax = 86_400

    /// Windows that are remembered; beyond it those that are over are forgotten.
    private static let windowsMax = 10_000

    private let windows = Mutex<[Key: Window]>([:])

    /// Takes one call; answers when the next window begins if none is left.
    func take(_ key: Key, now: Int) -> Int? {
        windows.withLock { windows in
            guard var window = windows[key], window.resetAt > now else { return nil }
            guard window.remaining > 0 else { return window.resetAt }
            window.remaining -= 1
            windows[key] = window
            return nil
        }
    }

    /// Learns from an answer. Answers come in any order, so within a window the number only falls.
    func learn(_ key: Key, _ limit: XRateLimit, now: Int) {
        let resetAt = min(limit.resetAt, now + Self.waitSecondsMax)
        windows.withLock { windows in
            if let known = windows[key], known.resetAt == resetAt, known.remaining <= limit.remaining { return }
            windows[key] = Window(remaining: limit.remaining, resetAt: resetAt)
            if windows.count > Self.windowsMax { windows = windows.filter { $0.value.resetAt > now } }
        }
    }

    /// The API has refused a call.
    func close(_ key: Key, until resetAt: Int) {
        windows.withLock { $0[key] = Window(remaining: 0, resetAt: resetAt) }
    }
}
