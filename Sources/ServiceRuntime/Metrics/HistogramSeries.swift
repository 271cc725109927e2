import CoreMetrics
import Synchronization

/// How many values fell under each bound, and their sum. Timers are in seconds, as Prometheus asks for base units.
final class HistogramSeries: Series, TimerHandler, RecorderHandler {
    /// From a hop on loopback to an export of minutes.
    static let seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
    /// Octets or rows, by powers of four.
    static let sizes = (0...15).map { Double(1 << (2 * $0)) }

    private struct State {
        var counts: [Int]
        var count = 0
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state: Mutex<State>
    let typeName = "histogram"

    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count)))
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1_000_000_000) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        let bucket = bounds.firstIndex { value <= $0 }
        state.withLock { state in
            if let bucket { state.counts[bucket] += 1 }
            state.count += 1
            state.sum += value
        }
    }

    func write(name: String, labels: String, to text: inout String) {
        let state = state.withLock { $0 }
        let prefix = labels.isEmpty ? "" : labels + ","
        var cumulated = 0
        for (bound, count) in zip(bounds, state.counts) {
            cumulated += count
            text += "\(name)_bucket{\(prefix)le=\"\(bound)\"} \(cumulated)\n"
        }
        text += "\(name)_bucket{\(prefix)le=\"+Inf\"} \(state.count)\n"
        text += "\(name)_sum\(braced(labels)) \(state.sum)\n"
        text += "\(name)_count\(braced(labels)) \(state.count)\n"
    }
}
