import CoreMetrics
import NIOCore
import Synchronization

/// What is measured of one method, or of several that are counted as one: calls by outcome, time from arrival to
/// answer, calls that run.
///
/// Metrics are made once: making one costs more than counting with it.
final class MethodMetrics: Sendable {
    private let method: String
    private let factory: any MetricsFactory
    private let succeeded: Counter
    private let duration: CoreMetrics.Timer
    private let inFlight: Meter
    /// Made when a status first occurs: most methods never see most of them.
    private let failed = Mutex<[RPCStatus: Failures]>([:])
    private let okCount = Atomic(0)
    private let runningCount = Atomic(0)

    private struct Failures {
        var counter: Counter
        var count = 0
    }

    private static let callsLabel = "rpc_calls_total"
    private static let succeededStatus = "OK"

    init(method: String, factory: any MetricsFactory) {
        self.method = method
        self.factory = factory
        let dimensions = [("method", method)]
        succeeded = Counter(
            label: Self.callsLabel, dimensions: dimensions + [("status", Self.succeededStatus)], factory: factory)
        duration = CoreMetrics.Timer(label: "rpc_call_duration_seconds", dimensions: dimensions, factory: factory)
        inFlight = Meter(label: "rpc_calls_in_flight", dimensions: dimensions, factory: factory)
    }

    /// A call takes a place.
    func begin() {
        inFlight.increment()
        runningCount.add(1, ordering: .relaxed)
    }

    /// A call gives its place back, which may be after its answer.
    func end() {
        inFlight.decrement()
        runningCount.subtract(1, ordering: .relaxed)
    }

    /// A call is answered; no status means with a result.
    func answered(_ status: RPCStatus?, after time: TimeAmount) {
        duration.recordNanoseconds(time.nanoseconds)
        if let status { return refused(status) }
        succeeded.increment()
        okCount.add(1, ordering: .relaxed)
    }

    /// A call failed, or was refused before it began.
    func refused(_ status: RPCStatus) {
        let failures = failed.withLock { failed in
            var failures = failed[status] ?? Failures(counter: counter(of: status))
            failures.count += 1
            failed[status] = failures
            return failures
        }
        failures.counter.increment()
    }

    private func counter(of status: RPCStatus) -> Counter {
        let dimensions = [("method", method), ("status", status.rawValue)]
        return Counter(label: Self.callsLabel, dimensions: dimensions, factory: factory)
    }

    /// What has been counted since the start, for `rpc.stats`.
    struct Stats {
        var method: String
        var ok: Int
        var running: Int
        var failed: [RPCStatus: Int]
        var isUnused: Bool { ok == 0 && running == 0 && failed.isEmpty }
    }

    var stats: Stats {
        Stats(
            method: method, ok: okCount.load(ordering: .relaxed), running: runningCount.load(ordering: .relaxed),
            failed: failed.withLock { $0.mapValues(\.count) })
    }
}

extension RPCError {
    /// The word the error is counted under; codes of a method's own have none.
    var countedStatus: RPCStatus { status ?? .unknown }
}
