import CoreMetrics
import TestSupport

/// Keeps what the queue says of its claims, each single time of it; all other metrics are dropped.
enum ClaimTimes {
    private static let label = "job_claim_duration_seconds"
    private static let kept = Shared<[Double]>([])

    /// To be called once, before the first queue is made.
    static func install() { MetricsSystem.bootstrap(Factory()) }

    static func begin() { kept.change { $0 = [] } }

    static var milliseconds: [Double] { kept.value }

    private final class KeepingTimer: TimerHandler {
        func recordNanoseconds(_ duration: Int64) { kept.change { $0.append(Double(duration) / 1e6) } }
    }

    private struct Factory: MetricsFactory {
        private let nobody = NOOPMetricsHandler.instance

        func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
            label == ClaimTimes.label ? KeepingTimer() : nobody
        }
        func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler { nobody }
        func makeRecorder(
            label: String, dimensions: [(String, String)], aggregate: Bool
        ) -> any RecorderHandler { nobody }
        func destroyTimer(_ handler: any TimerHandler) {}
        func destroyCounter(_ handler: any CounterHandler) {}
        func destroyRecorder(_ handler: any RecorderHandler) {}
    }
}
