import BlockingThreads
import XAPI

/// What is known of the calls that one credential may make of one endpoint: no I/O, no clock.
///
/// Invariants:
/// - of a window that nothing is known of one call is under way at most, until an answer says what it holds;
/// - a window that follows another one holds as many calls as that one, until an answer says otherwise;
/// - within a window the number of calls that are left only falls: answers come in any order.
struct RateWindow {
    enum Turn {
        /// One call may be made. The first of a window is refused only for what others did.
        case call(isFirst: Bool)
        /// Calls are left once this second has come.
        case until(Int)
        /// What calls are left the answer of a call under way will say.
        case afterAnswer(Occurrence)
    }

    /// Calls of a window; nil: no answer has said it.
    private var limit: Int?
    private var remaining = 1
    /// In seconds since 1970; nil: no answer has said of this window.
    private(set) var resetAt: Int?
    /// Answers say nothing of windows: every call may pass.
    private var isOpen = false
    /// Calls of this window.
    private var calls = 0
    private var underWay = 0
    private var answer = Occurrence()

    mutating func take(now: Int) -> Turn {
        if let resetAt, resetAt <= now { begin() }
        guard isOpen || remaining > 0 else { return resetAt.map { .until($0) } ?? .afterAnswer(answer) }
        remaining -= 1
        calls += 1
        underWay += 1
        return .call(isFirst: isOpen || calls == 1)
    }

    /// Whether a call is under way.
    var isUsed: Bool { underWay > 0 }

    private mutating func begin() {
        (remaining, resetAt, calls) = (whole, nil, 0)
    }

    /// Calls of a window of which no answer has said anything.
    private var whole: Int { max(1, limit ?? 1) }

    /// What an answer says; one of an earlier window says nothing of this one.
    mutating func learn(_ told: XRateLimit, resetAt end: Int) {
        let isOlder = resetAt.map { end < $0 } ?? false
        if isOlder { return }
        if let resetAt, end > resetAt {
            // The next one has begun by the API's clock; what is under way may count in it.
            remaining = max(0, told.remaining - (underWay - 1))
        } else if limit == nil {
            remaining = told.remaining
        } else {
            remaining = min(remaining, told.remaining)
        }
        (limit, resetAt, isOpen) = (told.limit, end, false)
    }

    /// The API has refused a call.
    mutating func close(until resetAt: Int) { (remaining, self.resetAt, isOpen) = (0, resetAt, false) }

    /// A call has come to its end, whatever was learned by it.
    ///
    /// - Returns: What those who waited for an answer are told by.
    mutating func answered() -> Occurrence {
        underWay -= 1
        if underWay == 0, resetAt == nil {
            // Nobody who could tell is left.
            isOpen = limit == nil
            remaining = whole
        }
        defer { answer = Occurrence() }
        return answer
    }
}
