/// Decides whether and when a request is tried again. Pure: the caller brings the time and the randomness.
package struct FetchRetryPolicy: Sendable, Equatable {
    /// How often in all, the first try included.
    package var triesMax: Int
    /// The longest wait before the second try; it doubles with each further one.
    package var delayMin: Duration
    /// No computed wait is longer.
    package var delayMax: Duration
    /// A server that asks for more patience than this is not waited for.
    package var retryAfterMax: Duration

    package init(
        triesMax: Int = 5, delayMin: Duration = .milliseconds(200), delayMax: Duration = .seconds(10),
        retryAfterMax: Duration = .seconds(120)
    ) {
        self.triesMax = triesMax
        self.delayMin = delayMin
        self.delayMax = delayMax
        self.retryAfterMax = retryAfterMax
    }

    package enum Decision: Sendable, Equatable {
        case retry(after: Duration)
        /// The outcome stands.
        case giveUp
    }

    /// Decides after try number `tryNumber`, counted from 1, ended with `outcome`.
    ///
    /// - Parameters:
    ///   - now: seconds since 1970, for a `Retry-After` that is a date.
    ///   - generator: the source of jitter.
    package func decide(
        after outcome: Result<HTTPFetchResponse, HTTPFetchError>, tryNumber: Int, now: Int,
        using generator: inout some RandomNumberGenerator
    ) -> Decision {
        guard tryNumber < triesMax else { return .giveUp }
        let pause = jitteredDelay(tryNumber: tryNumber, using: &generator)
        switch outcome {
        case .failure(let error):
            return Self.isRetryable(error) ? .retry(after: pause) : .giveUp
        case .success(let response):
            guard Self.isRetryable(status: response.status) else { return .giveUp }
            let asked = response.header("Retry-After").flatMap { Self.retryAfter($0, now: now) } ?? .zero
            // Jitter on top of what was asked for, or all clients would come back in the same instant.
            return asked > retryAfterMax ? .giveUp : .retry(after: max(asked, .zero) + pause)
        }
    }

    /// 408, 425, 429 and every 5xx except those that say the request will never work.
    package static func isRetryable(status: Int) -> Bool {
        switch status {
        case 408, 425, 429: true
        case 501, 505: false
        case 500...599: true
        default: false
        }
    }

    /// Transport errors and timeouts; nothing that another try cannot change.
    package static func isRetryable(_ error: HTTPFetchError) -> Bool {
        switch error {
        case .timedOut, .transport: true
        case .addressDenied, .schemeRefused, .invalidURL, .invalidMethod, .invalidHeader, .bodyTooLarge,
            .headersTooLarge, .unsupportedEncoding, .tooManyRedirects, .certificateRefused, .cancelled, .shutDown:
            false
        }
    }

    /// A wait between zero and the doubled limit: "full jitter" spreads clients that failed together.
    func jitteredDelay(tryNumber: Int, using generator: inout some RandomNumberGenerator) -> Duration {
        var limit = delayMin
        for _ in 1..<max(tryNumber, 1) where limit < delayMax { limit = limit * 2 }
        let fraction = Double(generator.next() >> 11) / 0x1p53
        return min(limit, delayMax) * fraction
    }

    /// Reads `Retry-After`: seconds, or an HTTP date (RFC 9110, section 10.2.3); nil when it is neither.
    package static func retryAfter(_ text: String, now: Int) -> Duration? {
        let value = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        if !value.isEmpty, value.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return .seconds(min(Int(value) ?? Int(Int32.max), Int(Int32.max)))
        }
        return HTTPDate.seconds(parsing: value).map { .seconds(max(0, $0 - now)) }
    }
}
