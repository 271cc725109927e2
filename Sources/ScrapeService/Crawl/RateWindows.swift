import BlockingThreads
import Synchronization
import XAPI

/// How many calls each credential has left at each endpoint, as far as answers have said: so that the API need not
/// refuse one.
final class RateWindows: Sendable {
    struct Key: Hashable, Sendable {
        /// The account's id; empty for the default credential.
        let credential: String
        let endpoint: String
    }

    /// Whether a call may be made.
    enum Turn {
        /// A first one is refused only for what others did with the same credential.
        case call(isFirst: Bool)
        /// When the next window begins, in seconds since 1970.
        case until(Int)
    }

    /// The longest wait for the API's next window, in seconds; its own are of a quarter of an hour or a day.
    static let waitSecondsMax = 86_400

    /// Windows that are remembered; beyond it those that are over are forgotten.
    private static let windowsMax = 10_000

    private let windows = Mutex<[Key: RateWindow]>([:])

    /// Takes one call, or says when there will be one; each call taken has to be reported by `answered`.
    ///
    /// Where nobody knows what the window holds it suspends until the answer of a call under way has come, or the task is
    /// cancelled.
    func take(_ key: Key, now: @Sendable () -> Int) async throws -> Turn {
        while true {
            let turn = windows.withLock { $0[key, default: RateWindow()].take(now: now()) }
            switch turn {
            case .call(let isFirst): return .call(isFirst: isFirst)
            case .until(let second): return .until(second)
            case .afterAnswer(let answer): await answer.wait()
            }
            try Task.checkCancellation()
        }
    }

    func learn(_ key: Key, _ limit: XRateLimit, now: Int) {
        let resetAt = min(limit.resetAt, now + Self.waitSecondsMax)
        windows.withLock { windows in
            windows[key, default: RateWindow()].learn(limit, resetAt: resetAt)
            guard windows.count > Self.windowsMax else { return }
            windows = windows.filter { $0.value.isUsed || $0.value.resetAt.map { $0 > now } ?? false }
        }
    }

    /// The API has refused a call.
    func close(_ key: Key, until resetAt: Int) {
        windows.withLock { $0[key, default: RateWindow()].close(until: resetAt) }
    }

    /// A call has come to its end.
    func answered(_ key: Key) { windows.withLock { $0[key]?.answered() }?.occur() }
}
