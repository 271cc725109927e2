import Foundation
import TestSupport

/// wrk, the HTTP load generator.
///
/// wrk2, which sends at a given rate, is not in Debian. `pause` does nearly the same: each connection waits a random
/// time before its next request, and latency is counted from that request on.
struct Wrk {
    let connections: Int
    let seconds: Int
    /// Mean pause between an answer and the next request on its connection, in milliseconds; 0 asks for the maximum.
    var pause = 0.0

    struct Result {
        var requestsPerSecond: Double
        var requests: Double
        /// Latency in milliseconds.
        var p50: Double
        var p99: Double
    }

    static let absence: Absence = ("wrk is not installed", "install it with: apt-get install wrk")
    static var isInstalled: Bool { Program.find("wrk") != nil }

    /// One thread: it is not wrk that is measured, and the cores are few.
    func run(_ url: String) async throws -> Result {
        let directory = try TemporaryDirectory(prefix: "pailou-benchmark")
        var arguments = ["-t1", "-c\(connections)", "-d\(seconds)s", "--latency"]
        if pause > 0 { arguments += ["-s", try directory.write(Self.pausing(pause), to: "pause.lua")] }
        let output = try await runSuccessfully("wrk", arguments + [url], within: .seconds(seconds + 30)).standardOutput
        if let errors = output.split(separator: "\n").first(where: { $0.contains("Non-2xx") }) {
            throw BenchmarkError("\(url) was not always answered 200: \(errors)")
        }
        guard let result = Result(output) else { throw BenchmarkError("expected wrk's figures, found: \(output)") }
        return result
    }

    /// Whole milliseconds is what wrk's clock can do; they are drawn so that their mean is the pause.
    private static func pausing(_ mean: Double) -> String {
        "function delay() return math.floor(math.random() * \(2 * mean) + 0.5) end\n"
    }
}

extension Wrk.Result {
    /// Reads what wrk prints.
    init?(_ output: String) {
        let words = output.split(separator: "\n").map { $0.split(separator: " ") }
        func line(_ name: String) -> Substring? { words.first { $0.first == Substring(name) }?.last }
        guard let speed = line("Requests/sec:").flatMap({ Double($0) }),
            let count = words.first(where: { $0.dropFirst().first == "requests" })?.first.flatMap({ Double($0) }),
            let p50 = line("50%").flatMap(Self.milliseconds), let p99 = line("99%").flatMap(Self.milliseconds)
        else { return nil }
        self.init(requestsPerSecond: speed, requests: count, p50: p50, p99: p99)
    }

    /// wrk writes `880.00us`, `1.20ms` or `1.05s`.
    private static func milliseconds(_ text: Substring) -> Double? {
        for (unit, factor) in [("us", 0.001), ("ms", 1), ("s", 1_000)] where text.hasSuffix(unit) {
            return Double(text.dropLast(unit.count)).map { $0 * factor }
        }
        return nil
    }
}
