import Foundation

/// The figures of one measurement's rounds.
struct Figures {
    private var values: [Double] = []

    mutating func add(_ value: Double) { values.append(value) }

    var median: Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return .nan }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}

/// Runs two measurements by turns, so that what disturbs the machine disturbs both.
///
/// A first round warms up and does not count.
func compare(
    rounds: Int, baseline: (_ round: Int) async throws -> Double, ours: (_ round: Int) async throws -> Double
) async throws -> (baseline: Double, ours: Double) {
    var baselines = Figures()
    var results = Figures()
    for round in 0...rounds {
        let first = try await baseline(round)
        let second = try await ours(round)
        if round > 0 {
            baselines.add(first)
            results.add(second)
        }
    }
    return (baselines.median, results.median)
}

/// Seconds that the body took.
func seconds(_ body: () throws -> Void) rethrows -> Double {
    try ContinuousClock().measure(body) / .seconds(1)
}

/// Seconds that this thread computed in the body, whatever else the machine did meanwhile.
func threadSeconds(_ body: () throws -> Void) rethrows -> Double {
    func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
    let start = now()
    try body()
    return now() - start
}

/// The same for what waits.
func seconds(_ body: () async throws -> Void) async rethrows -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    try await body()
    return (clock.now - start) / .seconds(1)
}
