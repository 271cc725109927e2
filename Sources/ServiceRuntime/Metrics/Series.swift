import CoreMetrics

/// One line, or one group of lines, of the metrics page.
protocol Series: AnyObject, Sendable {
    var typeName: String { get }
    func write(name: String, labels: String, to text: inout String)
}

/// A count that only grows.
final class CounterSeries: Series, CounterHandler {
    private let sums = StripedSums(count: 1)
    let typeName = "counter"

    func increment(by amount: Int64) { sums.count(0, amount) }
    func reset() { sums.set(0, 0) }

    func write(name: String, labels: String, to text: inout String) {
        text += "\(name)\(braced(labels)) \(sums.total(0))\n"
    }
}

/// A value that goes up and down, without a lock: requests on all cores count what is in flight.
final class GaugeSeries: Series, MeterHandler, RecorderHandler {
    private let sums = StripedSums(count: 1)
    let typeName = "gauge"

    func set(_ new: Int64) { sums.set(0, Double(new)) }
    func set(_ new: Double) { sums.set(0, new) }
    func increment(by amount: Double) { sums.add(0, amount) }
    func decrement(by amount: Double) { sums.add(0, -amount) }
    func record(_ new: Int64) { set(new) }
    func record(_ new: Double) { set(new) }

    func write(name: String, labels: String, to text: inout String) {
        text += "\(name)\(braced(labels)) \(sums.sum(0))\n"
    }
}

func braced(_ labels: String) -> String { labels.isEmpty ? "" : "{\(labels)}" }
