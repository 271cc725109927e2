import CoreMetrics
import Synchronization

/// One line, or one group of lines, of the metrics page.
protocol Series: AnyObject, Sendable {
    var typeName: String { get }
    func write(name: String, labels: String, to text: inout String)
}

/// A count that only grows. Recorded with one atomic addition: it stands on every request's way.
final class CounterSeries: Series, CounterHandler {
    private let count = Atomic<Int64>(0)
    let typeName = "counter"

    func increment(by amount: Int64) { count.wrappingAdd(amount, ordering: .relaxed) }
    func reset() { count.store(0, ordering: .relaxed) }

    func write(name: String, labels: String, to text: inout String) {
        text += "\(name)\(braced(labels)) \(count.load(ordering: .relaxed))\n"
    }
}

/// A value that goes up and down.
final class GaugeSeries: Series, MeterHandler, RecorderHandler {
    private let value = Mutex(0.0)
    let typeName = "gauge"

    func set(_ new: Int64) { value.withLock { $0 = Double(new) } }
    func set(_ new: Double) { value.withLock { $0 = new } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ new: Int64) { set(new) }
    func record(_ new: Double) { set(new) }

    func write(name: String, labels: String, to text: inout String) {
        text += "\(name)\(braced(labels)) \(value.withLock { $0 })\n"
    }
}

func braced(_ labels: String) -> String { labels.isEmpty ? "" : "{\(labels)}" }
