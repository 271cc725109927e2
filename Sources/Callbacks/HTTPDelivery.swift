package import HTTPFetch
package import JobQueue

/// Makes attempts to deliver callbacks by HTTP. The address is decided at connect, as that of any URL of a stranger.
package struct HTTPDelivery: Sendable {
    /// The receiver's answer is not read beyond this.
    package static let answerBytesMax = 64 * 1024

    private let http: any HTTPFetcher
    private let policy: @Sendable () -> AddressPolicy
    private let seconds: @Sendable () -> Int

    /// - Parameter seconds: The present instant, in seconds since 1970.
    package init(
        http: any HTTPFetcher, policy: @escaping @Sendable () -> AddressPolicy, seconds: @escaping @Sendable () -> Int
    ) {
        self.http = http
        self.policy = policy
        self.seconds = seconds
    }

    /// One attempt.
    package func attempt(_ delivery: OutboxDelivery) async -> DeliveryResult {
        let limits = HTTPFetchLimits(bodyBytesMax: Self.answerBytesMax, timeout: delivery.timeout)
        let request = HTTPFetchRequest(
            method: "POST", url: delivery.url, headers: delivery.headers, body: delivery.body, limits: limits,
            policy: policy())
        do {
            let response = try await http.fetch(request)
            return .response(status: response.status, retryAfter: response.retryAfter(now: seconds()))
        } catch {
            return Self.isFinal(error) ? .refused(reason: error.description) : .failed(reason: error.description)
        }
    }

    /// A receiver that the address policy denies, or that is no URL.
    private static func isFinal(_ error: HTTPFetchError) -> Bool {
        switch error {
        case .addressDenied, .schemeRefused, .invalidURL, .invalidMethod, .invalidHeader: true
        default: false
        }
    }
}
