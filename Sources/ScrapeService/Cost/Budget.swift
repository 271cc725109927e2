import XAPI

/// What may still be spent: no I/O, no clock.
///
/// Decided before a call, for the most it can cost; so a budget is never overrun by what one execution does.
struct Budget: Hashable, Sendable {
    /// Which bound is reached.
    enum Bound: Hashable, Sendable {
        /// The task's, for good.
        case task
        /// The task's of this day.
        case taskDay
        /// That of all tasks together, of this day.
        case serviceDay
    }

    enum Verdict: Hashable, Sendable {
        /// So many items may come, at most.
        case items(Int)
        case reached(Bound)
    }

    /// A bound, and what was spent below it so far.
    struct Line: Hashable, Sendable {
        let bound: Bound
        let most: Cost
        var spent: Cost
    }

    var lines: [Line] = []

    init() {}

    /// Bounds below which nothing was spent yet; nil: there is no such bound.
    init(maxCost: Cost?, maxCostPerDay: Cost?, serviceMaxPerDay: Cost?) {
        let bounds: [(Bound, Cost?)] = [(.task, maxCost), (.taskDay, maxCostPerDay), (.serviceDay, serviceMaxPerDay)]
        lines = bounds.compactMap { bound, most in most.map { Line(bound: bound, most: $0, spent: .zero) } }
    }

    /// What the bounds are, whatever was spent: who waits for a budget waits for no other one.
    var bounds: String { lines.map { "\($0.bound)=\($0.most.text)" }.joined(separator: " ") }

    /// - Parameter price: Of one item.
    func verdict(on request: XRequest, price: Cost) -> Verdict {
        guard price > .zero else { return .items(.max) }
        // Fewer than a page's least cannot be asked for.
        let least = request.endpoint.pageBounds?.lowerBound ?? 1
        var affordable = Int.max
        for line in lines {
            let items = Int(max(0, (line.most - line.spent).millionths) / price.millionths)
            if items < least { return .reached(line.bound) }
            affordable = min(affordable, items)
        }
        return .items(affordable)
    }

    func line(_ bound: Bound) -> Line? { lines.first { $0.bound == bound } }
}

/// A budget is reached that will not be there again: the execution ends.
struct BudgetReached: Error, CustomStringConvertible {
    static let reason = "BUDGET"

    let line: Budget.Line
    let currency: String

    var description: String {
        "\(Self.reason): max_cost is \(line.most.text) \(currency), and \(line.spent.text) are spent"
    }
}
