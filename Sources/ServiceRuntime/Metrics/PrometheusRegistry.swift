package import CoreMetrics
import Synchronization

/// Every metric of the process, shown in Prometheus' text format 0.0.4.
///
/// Installed once by `MetricsSystem.bootstrap`; all other code records through swift-metrics and does not know it.
package final class PrometheusRegistry: MetricsFactory, Sendable {
    /// Series beyond this count are not kept: a label taken from what strangers send must not fill the memory.
    package static let seriesMax = 10_000

    private let series = Mutex<[SeriesKey: any Series]>([:])

    package init() {}

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        entry(label, dimensions) { CounterSeries() }
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        entry(label, dimensions) { GaugeSeries() }
    }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        if aggregate { return entry(label, dimensions) { HistogramSeries(bounds: HistogramSeries.sizes) } }
        return entry(label, dimensions) { GaugeSeries() }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        entry(label, dimensions) { HistogramSeries(bounds: HistogramSeries.seconds) }
    }

    // Series live as long as the process: a counter that vanishes and returns would look like a restart.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    /// The page that `/metrics` answers with.
    package func text() -> String {
        let entries = series.withLock { $0.map { ($0.key, $0.value) } }.sorted { $0.0 < $1.0 }
        var text = ""
        var previousName = ""
        for (key, series) in entries {
            if key.name != previousName { text += "# TYPE \(key.name) \(series.typeName)\n" }
            previousName = key.name
            series.write(name: key.name, labels: key.labels, to: &text)
        }
        return text
    }

    private func entry<S: Series>(_ label: String, _ dimensions: [(String, String)], make: () -> S) -> S {
        let key = SeriesKey(label: label, dimensions: dimensions)
        return series.withLock { all in
            if let known = all[key] as? S { return known }
            let new = make()
            if all.count < Self.seriesMax, all[key] == nil { all[key] = new }
            return new
        }
    }
}
