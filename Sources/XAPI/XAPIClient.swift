package import HTTPFetch
import JSONBytes
import Synchronization

/// How the API is called.
package struct XAPIConfiguration: Sendable {
    /// Scheme and host; a setting of the operator, so no address is denied.
    package var baseURL = "https://api.x.com"
    /// What is spoken first; another one is tried once when the API refuses its words.
    package var dialect = XDialect.tweet
    /// Tries of one page, the first included.
    package var triesMax = 5
    /// The wait before the second try is up to this, and doubles.
    package var delayFirst: Duration = .milliseconds(500)
    package var delayMax: Duration = .seconds(10)
    package var limits = HTTPFetchLimits(timeout: .seconds(30))

    package init() {}
}

/// Fetches pages of the X API, whichever dialect it speaks.
///
/// Says failures as what they mean. It waits between tries of a page, never for a window of calls: that is for whoever
/// can do something else meanwhile.
package final class XAPIClient: Sendable {
    private let configuration: XAPIConfiguration
    private let http: any HTTPFetcher
    private let proxyPolicy: AddressPolicy?
    private let dialect: Mutex<XDialect>

    /// - Parameter proxyPolicy: Which addresses proxies may have; nil: any.
    package init(configuration: XAPIConfiguration, http: any HTTPFetcher, proxyPolicy: AddressPolicy? = nil) {
        self.proxyPolicy = proxyPolicy
        self.configuration = configuration
        self.http = http
        dialect = Mutex(configuration.dialect)
    }

    /// The dialect that is spoken now.
    package var spoken: XDialect { dialect.withLock { $0 } }

    /// One page.
    ///
    /// - Parameters:
    ///   - token: The application's bearer token.
    ///   - route: Which way calls go; asked before each of them, and told whether the API was reached.
    ///   - heard: Told what each answer says about further calls, also one that is no page.
    package func page(
        _ request: XRequest, token: String, route: XRoute = .direct,
        heard: @Sendable (XRateLimit) -> Void = { _ in }
    ) async throws(XAPIFailure) -> XPage {
        var hasSwitched = false
        var tries = 0
        while true {
            let dialect = spoken
            tries += 1
            let proxy = route.proxy()
            let begin = ContinuousClock.now
            let outcome = await fetch(request.target(dialect), token: token, proxy: proxy?.url)
            route.report(proxy, outcome, begin.duration(to: .now))
            switch outcome {
            case .failure(.cancelled): throw .cancelled
            case .failure(let error):
                guard Self.mayTryAgain(error), tries < configuration.triesMax else {
                    throw .network(error.description)
                }
            case .success(let response):
                if let limit = XRateLimit(response) { heard(limit) }
                let answer = try? JSONValue(parsing: response.body)
                if response.status == 200, let answer {
                    return try XPage(answer)
                }
                if response.status == 400, !hasSwitched, XProblem.names(dialect, response.body) {
                    hasSwitched = true
                    self.dialect.withLock { if $0 == dialect { $0 = dialect.other } }
                    tries -= 1
                    continue
                }
                if response.status != 200, let failure = XProblem.failure(response, answer) { throw failure }
                guard tries < configuration.triesMax else {
                    let text = response.status == 200 ? "the answer is no JSON" : "status \(response.status)"
                    throw .network("\(text) after \(tries) tries")
                }
            }
            try await pause(afterTry: tries)
        }
    }

    private func fetch(
        _ target: String, token: String, proxy: String?
    ) async -> Result<HTTPFetchResponse, HTTPFetchError> {
        let request = HTTPFetchRequest(
            url: configuration.baseURL + target, headers: [("Authorization", "Bearer \(token)")],
            limits: configuration.limits, policy: nil, proxy: proxy, proxyPolicy: proxyPolicy)
        do throws(HTTPFetchError) {
            return .success(try await http.fetch(request))
        } catch {
            return .failure(error)
        }
    }

    private static func mayTryAgain(_ error: HTTPFetchError) -> Bool {
        switch error {
        case .transport, .timedOut: true
        default: false
        }
    }

    /// Full jitter: anything up to the doubled wait.
    private func pause(afterTry tries: Int) async throws(XAPIFailure) {
        let doubled = configuration.delayFirst * (1 << min(tries - 1, 16))
        do {
            try await Task.sleep(for: min(doubled, configuration.delayMax) * Double.random(in: 0..<1))
        } catch {
            throw .cancelled
        }
    }
}
