import ServiceContracts

/// Callbacks as lines for people.
enum DeliveryText {
    static func line(of delivery: DeliverySummary) -> String {
        joined([
            delivery.id, delivery.state, "attempts=\(delivery.attempts)", delivery.createdAt, delivery.url,
            delivery.error,
        ])
    }

    static func line(of attempt: DeliveryLogEntry) -> String {
        joined([
            "\(attempt.attempt).", attempt.startedAt, "\(attempt.durationMilliseconds) ms",
            attempt.status.map { "status \($0)" } ?? "no answer", attempt.error,
        ])
    }

    static func words(of filter: DeliveryFilterParameters) -> String {
        let words = [
            filter.id, filter.state.map { "state \($0)" }, filter.url.map { "url \($0)" },
            filter.since.map { "queued since \($0)" }, filter.until.map { "queued before \($0)" },
        ]
        return words.compactMap { $0 }.joined(separator: ", ")
    }

    private static func joined(_ words: [String?]) -> String {
        words.compactMap { $0.map(TerminalText.plain) }.joined(separator: "  ")
    }
}
