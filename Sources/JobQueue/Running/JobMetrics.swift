import Metrics

/// What is counted about jobs.
///
/// The counters of known kinds are made once: making one costs more than counting with it.
struct JobMetrics: Sendable {
    private struct Label: Hashable, Sendable {
        let kind: String
        let state: JobState
    }

    private let ended: [Label: Counter]
    private let runningGauge = Gauge(label: "jobs_running")
    private let claimTimer = Timer(label: "job_claim_duration_seconds")

    init(kinds: [String]) {
        var ended: [Label: Counter] = [:]
        for kind in kinds {
            for state in JobState.allCases {
                let dimensions = [("kind", kind), ("state", state.rawValue)]
                ended[Label(kind: kind, state: state)] = Counter(
                    label: "job_executions_ended_total", dimensions: dimensions)
            }
        }
        self.ended = ended
    }

    /// An execution ended and left its job in this state: `scheduled` means it will be tried again.
    func executionEnded(kind: String, state: JobState) { ended[Label(kind: kind, state: state)]?.increment() }

    func running(_ count: Int) { runningGauge.record(count) }

    /// The statements of a claim took so long; its commit, which it shares with other writes, not counted.
    func claimed(in duration: Duration) { claimTimer.recordNanoseconds(duration.nanoseconds) }
}

extension Duration {
    fileprivate var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
