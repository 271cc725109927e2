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
    private let failed = Mutex<[RPCStatus: Counter]>([:])

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
    }

    /// A call gives its place back, which may be after its answer.
    func end() {
        inFlight.decrement()
    }

    /// A call is answered; no status means with a result.
    func answered(_ status: RPCStatus?, after time: TimeAmount) {
        duration.recordNanoseconds(time.nanoseconds)
        guard let status else { return succeeded.increment() }
        refused(status)
    }

    /// A call failed, or was refused before it began.
    func refused(_ status: RPCStatus) {
        let counter = failed.withLock { failed in
            if let counter = failed[status] { return counter }
            let dimensions = [("method", method), ("status", status.rawValue)]
            let counter = Counter(label: Self.callsLabel, dimensions: dimensions, factory: factory)
            failed[status] = counter
            return counter
        }
        counter.increment()
    }
}

extension RPCError {
    /// The word the error is counted under; codes of a method's own have none.
    var countedStatus: RPCStatus { status ?? .unknown }
}
