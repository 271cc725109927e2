/// Keeps a crawl from asking its source more often than it may.
package actor PagePacer {
    private let interval: Duration
    private let now: @Sendable () -> Duration
    private let sleep: @Sendable (Duration) async throws -> Void
    /// When the next page may be asked for.
    private var next: Duration = .zero

    /// - Parameter now: Since any instant.
    package init(
        pagesPerSecond: Double, now: (@Sendable () -> Duration)? = nil,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        let begin = ContinuousClock.now
        interval = .seconds(1 / pagesPerSecond)
        self.now = now ?? { ContinuousClock.now - begin }
        self.sleep = sleep
    }

    /// Waits until it is the caller's turn; one that is cancelled goes at once, its transfer will not begin.
    package func turn() async {
        let now = now()
        let turn = max(now, next)
        next = turn + interval
        if turn > now { try? await sleep(turn - now) }
    }
}
