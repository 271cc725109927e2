import CoreMetrics
import Testing

@testable import ServiceRuntime

struct PrometheusTests {
    @Test func aCounterIsOneLineWithItsLabels() {
        let registry = PrometheusRegistry()
        Counter(label: "calls_total", dimensions: [("method", "a\"b\\c\n")], factory: registry).increment(by: 3)
        #expect(registry.text() == "# TYPE calls_total counter\ncalls_total{method=\"a\\\"b\\\\c\\n\"} 3\n")
    }

    @Test func seriesOfOneNameShareOneTypeLine() {
        let registry = PrometheusRegistry()
        Counter(label: "calls", dimensions: [("m", "b")], factory: registry).increment()
        Counter(label: "calls", dimensions: [("m", "a")], factory: registry).increment()
        #expect(registry.text() == "# TYPE calls counter\ncalls{m=\"a\"} 1\ncalls{m=\"b\"} 1\n")
    }

    @Test func aTimerIsAHistogramInSeconds() {
        let registry = PrometheusRegistry()
        let timer = CoreMetrics.Timer(label: "took", factory: registry)
        timer.recordNanoseconds(2_000_000)
        timer.recordNanoseconds(600_000_000_000)
        let text = registry.text()
        #expect(text.contains("took_bucket{le=\"0.001\"} 0\n"))
        #expect(text.contains("took_bucket{le=\"0.0025\"} 1\n"))
        #expect(text.contains("took_bucket{le=\"+Inf\"} 2\n"))
        #expect(text.contains("took_count 2\n"))
    }

    @Test func aGaugeShowsItsLastValue() {
        let registry = PrometheusRegistry()
        let meter = Meter(label: "in.flight", factory: registry)
        meter.set(4)
        meter.decrement()
        #expect(registry.text() == "# TYPE in_flight gauge\nin_flight 3.0\n")
    }

    @Test func whatManyThreadsRecordAddsUp() async {
        let registry = PrometheusRegistry()
        let counter = Counter(label: "a", factory: registry)
        let meter = Meter(label: "b", factory: registry)
        let timer = CoreMetrics.Timer(label: "c", factory: registry)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    for _ in 0..<1_000 {
                        counter.increment()
                        meter.increment(by: 3)
                        meter.decrement()
                        timer.recordNanoseconds(500_000_000)
                    }
                }
            }
        }
        let text = registry.text()
        #expect(text.contains("\na 16000\n"))
        #expect(text.contains("\nb 32000.0\n"))
        #expect(text.contains("\nc_bucket{le=\"0.5\"} 16000\n"))
        #expect(text.contains("\nc_sum 8000.0\nc_count 16000\n"))
        meter.set(7)
        counter.reset()
        #expect(registry.text().contains("\na 0\n") && registry.text().contains("\nb 7.0\n"))
    }

    @Test func seriesBeyondTheLimitAreNotKept() {
        let registry = PrometheusRegistry()
        for number in 0..<(PrometheusRegistry.seriesMax + 50) {
            Counter(label: "c", dimensions: [("n", String(number))], factory: registry).increment()
        }
        #expect(registry.text().split(separator: "\n").count == PrometheusRegistry.seriesMax + 1)
    }
}
