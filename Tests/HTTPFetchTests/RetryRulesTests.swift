import HTTPFetch
import Testing

/// Always the greatest number: jitter at its upper end.
private struct Greatest: RandomNumberGenerator {
    mutating func next() -> UInt64 { .max }
}

private struct Least: RandomNumberGenerator {
    mutating func next() -> UInt64 { 0 }
}

@Suite("When a request is tried again")
struct RetryPolicyTests {
    @Test(
        "statuses that may pass are retried, others stand",
        arguments: [
            (200, false), (301, false), (400, false), (401, false), (403, false), (404, false), (408, true),
            (409, false), (425, true), (429, true), (500, true), (501, false), (502, true), (503, true), (504, true),
            (505, false), (599, true), (600, false),
        ])
    func statuses(status: Int, isRetried: Bool) {
        #expect(FetchRetryPolicy.isRetryable(status: status) == isRetried)
    }

    @Test(
        "errors of the way are retried, errors of the request stand",
        arguments: [
            (.timedOut(.connect), true), (.timedOut(.lowSpeed), true), (.transport(code: 56, text: "x"), true),
            (.addressDenied(address: "::1", port: 1, host: "x", setting: "y"), false), (.schemeRefused("ftp"), false),
            (.bodyTooLarge(limit: 1), false), (.certificateRefused("x"), false), (.cancelled, false),
            (.shutDown, false), (.tooManyRedirects(limit: 3), false),
        ] as [(HTTPFetchError, Bool)])
    func errors(error: HTTPFetchError, isRetried: Bool) {
        #expect(FetchRetryPolicy.isRetryable(error) == isRetried)
    }

    @Test("the wait doubles up to its limit, and jitter takes any part of it")
    func delays() {
        let policy = FetchRetryPolicy(triesMax: 100)
        let failure = Result<HTTPFetchResponse, HTTPFetchError>.failure(.timedOut(.whole))
        func wait(_ tryNumber: Int, _ generator: some RandomNumberGenerator) -> FetchRetryPolicy.Decision {
            var generator = generator
            return policy.decide(after: failure, tryNumber: tryNumber, now: 0, using: &generator)
        }
        let limits = [200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]
        for (index, limit) in limits.enumerated() {
            guard case .retry(let longest) = wait(index + 1, Greatest()) else {
                Issue.record("expected a retry after try \(index + 1)")
                continue
            }
            #expect(longest <= .milliseconds(limit))
            #expect(longest > .milliseconds(limit) - .microseconds(1))
        }
        #expect(wait(5, Least()) == .retry(after: .zero))
        #expect(wait(100, Least()) == .giveUp)
    }

    @Test("five tries in all, by default")
    func tries() {
        var generator = Least()
        let decisions = (1...5).map {
            FetchRetryPolicy().decide(
                after: .success(HTTPFetchResponse(status: 500)), tryNumber: $0, now: 0, using: &generator)
        }
        #expect(decisions == Array(repeating: .retry(after: .zero), count: 4) + [.giveUp])
    }

    @Test(
        "Retry-After is obeyed up to a limit",
        arguments: [
            ("7", .retry(after: .seconds(7))), ("0", .retry(after: .zero)), ("120", .retry(after: .seconds(120))),
            ("121", .giveUp), ("99999999999999999999999", .giveUp), ("soon", .retry(after: .zero)),
            ("-5", .retry(after: .zero)), ("Sun, 06 Nov 1994 08:49:40 GMT", .retry(after: .seconds(3))),
            ("Sun, 06 Nov 1994 08:49:00 GMT", .retry(after: .zero)), ("Mon, 07 Nov 1994 08:49:37 GMT", .giveUp),
        ] as [(String, FetchRetryPolicy.Decision)])
    func retryAfter(value: String, expected: FetchRetryPolicy.Decision) {
        var generator = Least()
        let response = HTTPFetchResponse(status: 429, headers: [("retry-after", value)])
        let decision = FetchRetryPolicy().decide(
            after: .success(response), tryNumber: 1, now: 784_111_777, using: &generator)
        #expect(decision == expected)
    }

    @Test(
        "dates of all three forms are read",
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
            ("Sun Nov  6 08:49:37 1994", 784_111_777), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Tue, 29 Feb 2000 12:00:00 GMT", 951_825_600), ("Wed, 31 Dec 2099 23:59:59 GMT", 4_102_444_799),
            ("Sun, 06 Nov 1994 08:49:37 CET", nil), ("Sun, 32 Nov 1994 08:49:37 GMT", nil),
            ("Sun, 06 Foo 1994 08:49:37 GMT", nil), ("Sun, 06 Nov 1994 24:00:00 GMT", nil), ("", nil), ("1.5", nil),
        ] as [(String, Int?)])
    func dates(text: String, seconds: Int?) {
        #expect(FetchRetryPolicy.retryAfter(text, now: 0) == seconds.map { .seconds($0) })
    }
}
