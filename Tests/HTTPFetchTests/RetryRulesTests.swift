import HTTPFetch
import Testing

@Suite("When a request is tried again")
struct RetryRulesTests {
    @Test(
        "statuses that may pass are retried, others stand",
        arguments: [
            (200, false), (301, false), (400, false), (401, false), (403, false), (404, false), (408, true),
            (409, false), (425, true), (429, true), (500, true), (501, false), (502, true), (503, true), (504, true),
            (505, false), (599, true), (600, false),
        ])
    func statuses(status: Int, isRetried: Bool) {
        #expect(FetchRetryRules.isRetryable(status: status) == isRetried)
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
        #expect(FetchRetryRules.isRetryable(error) == isRetried)
    }

    @Test(
        "Retry-After counts from now, and nothing else is read into it",
        arguments: [
            ("7", 7), ("0", 0), ("99999999999999999999999", Int(Int32.max)), ("soon", nil), ("-5", nil),
            ("Sun, 06 Nov 1994 08:49:40 GMT", 3), ("Sun, 06 Nov 1994 08:49:00 GMT", 0),
        ] as [(String, Int?)])
    func retryAfter(value: String, seconds: Int?) {
        #expect(FetchRetryRules.retryAfter(value, now: 784_111_777) == seconds.map { .seconds($0) })
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
        #expect(FetchRetryRules.retryAfter(text, now: 0) == seconds.map { .seconds($0) })
    }
}
