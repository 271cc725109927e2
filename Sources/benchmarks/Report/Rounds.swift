import Foundation

extension [Double] {
    /// The value in the middle; of an even number, between the two. NaN of none.
    var median: Double {
        let sorted = sorted()
        guard !sorted.isEmpty else { return .nan }
        let middle = count / 2
        return count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// The smallest value that this share of all does not exceed. NaN of none.
    func percentile(_ share: Double) -> Double {
        guard !isEmpty else { return .nan }
        let rank = Int((Double(count) * share).rounded(.up))
        return sorted()[Swift.min(Swift.max(rank, 1), count) - 1]
    }
}

extension Array {
    /// The median of one figure of each round.
    func median(_ figure: (Element) -> Double) -> Double { map(figure).median }
}

/// Runs measurements by turns, so that what disturbs the machine disturbs all; answers each one's rounds.
///
/// - Parameter warmsUp: A first round does not count.
func interleaved<Result>(
    rounds: Int, warmsUp: Bool = true, _ measurements: [(_ round: Int) async throws -> Result]
) async throws -> [[Result]] {
    var results = measurements.map { _ in [Result]() }
    for round in (warmsUp ? 0 : 1)...rounds {
        for (index, measure) in measurements.enumerated() {
            let result = try await measure(round)
            if round > 0 { results[index].append(result) }
        }
    }
    return results
}

/// Runs a baseline and what is compared with it by turns; answers the medians.
func compare(
    rounds: Int, baseline: @escaping (_ round: Int) async throws -> Double,
    ours: @escaping (_ round: Int) async throws -> Double
) async throws -> (baseline: Double, ours: Double) {
    let results = try await interleaved(rounds: rounds, [baseline, ours])
    return (results[0].median, results[1].median)
}

/// Seconds that the body took.
func seconds(_ body: () throws -> Void) rethrows -> Double {
    try ContinuousClock().measure(body) / .seconds(1)
}

/// Seconds that all threads of this process computed during the body, whatever else the machine did meanwhile.
func computingSeconds(_ body: () throws -> Void) rethrows -> Double {
    func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
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
