import CoreMetrics
import Metrics
import NIOCore

/// What is measured of one operation: answers by class of status, time from head to answer, requests under way.
struct RouteMetrics {
    private let answers: [Counter]
    private let duration: Metrics.Timer
    private let inFlight: Meter

    init(facade: String, route: String) {
        let route = [("facade", facade), ("route", route)]
        answers = ["1xx", "2xx", "3xx", "4xx", "5xx"].map { status in
            Counter(label: "http_requests_total", dimensions: route + [("status", status)])
        }
        duration = Metrics.Timer(label: "http_request_duration_seconds", dimensions: route)
        inFlight = Meter(label: "http_requests_in_flight", dimensions: route)
    }

    func begin() {
        inFlight.increment()
    }

    func end(status: Int, since start: NIODeadline, now: NIODeadline) {
        inFlight.decrement()
        duration.recordNanoseconds((now - start).nanoseconds)
        answers[min(max(status / 100, 1), 5) - 1].increment()
    }
}
