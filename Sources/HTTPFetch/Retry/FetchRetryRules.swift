/// Which outcomes may be better next time, and what a server says of the wait. When to try again is the caller's to say.
package enum FetchRetryRules {
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
        case .addressDenied, .schemeRefused, .invalidURL, .invalidProxy, .invalidMethod, .invalidHeader, .uploadFailed,
            .downloadFailed, .bodyTooLarge, .headersTooLarge, .unsupportedEncoding, .tooManyRedirects,
            .certificateRefused,
            .identityUnusable,
            .cancelled, .shutDown:
            false
        }
    }

    /// Reads `Retry-After`: seconds, or an HTTP date (RFC 9110, section 10.2.3); nil when it is neither.
    ///
    /// - Parameter now: seconds since 1970.
    package static func retryAfter(_ text: String, now: Int) -> Duration? {
        let value = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        if !value.isEmpty, value.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return .seconds(min(Int(value) ?? Int(Int32.max), Int(Int32.max)))
        }
        return HTTPDate.seconds(parsing: value).map { .seconds(max(0, $0 - now)) }
    }
}

extension HTTPFetchResponse {
    /// The wait the server asks for; nil when it asks for none that can be read.
    ///
    /// - Parameter now: seconds since 1970.
    package func retryAfter(now: Int) -> Duration? {
        header("Retry-After").flatMap { FetchRetryRules.retryAfter($0, now: now) }
    }
}
