import Foundation
import TestSupport

/// wrk, the HTTP load generator.
struct Wrk {
    let connections: Int
    let seconds: Int

    struct Result {
        var requestsPerSecond: Double
        /// Median and 99th percentile, as wrk words them.
        var latency: String
    }

    static var isInstalled: Bool { Program.find("wrk") != nil }

    /// One thread: it is not wrk that is measured, and the cores are few.
    func run(_ url: String) async throws -> Result {
        let arguments = ["-t1", "-c\(connections)", "-d\(seconds)s", "--latency", url]
        let output = try await runSuccessfully("wrk", arguments, within: .seconds(seconds + 30)).standardOutput
        let lines = output.split(separator: "\n")
        let words = lines.map { $0.split(separator: " ") }
        guard let speed = words.first(where: { $0.first == "Requests/sec:" })?.last.flatMap({ Double($0) }) else {
            throw BenchmarkError("expected Requests/sec in wrk's output, found: \(output)")
        }
        if let errors = lines.first(where: { $0.contains("Non-2xx") }) {
            throw BenchmarkError("\(url) was not always answered 200: \(errors)")
        }
        let percentiles = ["50%", "99%"].compactMap { name in words.first { $0.first == Substring(name) } }
        return Result(
            requestsPerSecond: speed,
            latency: percentiles.map { $0.joined(separator: " ") }.joined(separator: ", "))
    }
}
