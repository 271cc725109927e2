import CoreMetrics
import Metrics
import NIOCore

/// What one loop measures of one operation: answers by status, time from head to answer, requests under way, octets of
/// bodies. Labels are a document's names and three digits, never what a client sent.
final class RouteMetrics {
    private let labels: [(String, String)]
    /// By status, made when it is first answered.
    private var answers: [Int: Counter] = [:]
    private let duration: Metrics.Timer
    private let inFlight: Meter
    private let octetsRead: Counter
    private let octetsWritten: Counter

    /// `route` is the operation's id; empty for requests that lead to none.
    init(facade: String, route: String) {
        labels = [("facade", facade), ("route", route)]
        duration = Metrics.Timer(label: "http_request_duration_seconds", dimensions: labels)
        inFlight = Meter(label: "http_requests_in_flight", dimensions: labels)
        octetsRead = Counter(label: "http_request_body_bytes_total", dimensions: labels)
        octetsWritten = Counter(label: "http_response_body_bytes_total", dimensions: labels)
    }

    func begin() {
        inFlight.increment()
    }

    func end(status: Int, taken: TimeAmount, octetsRead: Int, octetsWritten: Int) {
        inFlight.decrement()
        duration.recordNanoseconds(taken.nanoseconds)
        if octetsRead > 0 { self.octetsRead.increment(by: octetsRead) }
        if octetsWritten > 0 { self.octetsWritten.increment(by: octetsWritten) }
        answered(status: status)
    }

    /// Counts an answer; a document may name any status, so those that are none share one line.
    func answered(status: Int) {
        let status = (100...599).contains(status) ? status : 0
        if let known = answers[status] { return known.increment() }
        let new = Counter(label: "http_requests_total", dimensions: labels + [("status", "\(status)")])
        answers[status] = new
        new.increment()
    }
}
