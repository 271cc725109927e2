import CoreMetrics
import Synchronization

/// How many values fell under each bound, and their sum. Timers are in seconds, as Prometheus asks for base units.
final class HistogramSeries: Series, TimerHandler, RecorderHandler {
    /// From a hop on loopback to an export of minutes.
    static let seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
    /// Octets or rows, by powers of four.
    static let sizes = (0...15).map { Double(1 << (2 * $0)) }

    private let bounds: [Double]
    /// Values under each bound, then those above all of them, then the sum of all values. A page that is written while a
    /// value is recorded may show it in its bucket and not in the sum yet.
    private let sums: StripedSums
    let typeName = "histogram"

    init(bounds: [Double]) {
        self.bounds = bounds
        sums = StripedSums(count: bounds.count + 2)
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1_000_000_000) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        sums.count(bounds.firstIndex { value <= $0 } ?? bounds.count)
        sums.add(bounds.count + 1, value)
    }

    func write(name: String, labels: String, to text: inout String) {
        let prefix = labels.isEmpty ? "" : labels + ","
        var cumulated: Int64 = 0
        for (index, bound) in bounds.enumerated() {
            cumulated += sums.total(index)
            text += "\(name)_bucket{\(prefix)le=\"\(bound)\"} \(cumulated)\n"
        }
        cumulated += sums.total(bounds.count)
        text += "\(name)_bucket{\(prefix)le=\"+Inf\"} \(cumulated)\n"
        text += "\(name)_sum\(braced(labels)) \(sums.sum(bounds.count + 1))\n"
        text += "\(name)_count\(braced(labels)) \(cumulated)\n"
    }
}
