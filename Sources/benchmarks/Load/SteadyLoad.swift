/// wrk held at a share of a server's maximum.
///
/// Twice as many connections as at the maximum, with pauses between their requests. How long the pauses have to be shows
/// in two short runs; how near the share came is printed with the result.
struct SteadyLoad {
    static let share = 0.8
    private static let shortestPause = 0.5

    let wrk: Wrk

    /// Finds the pause at which the server is asked for this share of its maximum.
    static func calibrated(_ contender: HTTPContender, maximum: Double, connections: Int, seconds: Int) async throws
        -> SteadyLoad
    {
        let count = 2 * connections
        // A connection's turn takes this long when all of them together are to reach the share, in milliseconds.
        let turn = Double(count) / (share * maximum) * 1_000
        var wrk = Wrk(connections: count, seconds: 1, pause: max(turn - 1, shortestPause))
        for _ in 0..<2 {
            let speed = try await wrk.run(contender.url).requestsPerSecond
            let busy = Double(count) / speed * 1_000 - wrk.pause
            wrk.pause = max(turn - busy, shortestPause)
        }
        return SteadyLoad(wrk: Wrk(connections: count, seconds: seconds, pause: wrk.pause))
    }
}
