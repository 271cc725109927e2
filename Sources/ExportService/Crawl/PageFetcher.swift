package import HTTPFetch

/// Gets one page, once: the transfer, and the judgement whether trying again can help.
package struct PageFetcher: Sendable {
    private let http: any HTTPFetcher
    private let requests: PageRequest
    private let limit: Int

    package init(http: any HTTPFetcher, requests: PageRequest, limit: Int) {
        self.http = http
        self.requests = requests
        self.limit = limit
    }

    package func page(_ number: Int) async throws(PageFault) -> SourcePage {
        let response: HTTPFetchResponse
        do {
            response = try await http.fetch(requests.request(page: number))
        } catch {
            let text = error.description
            throw FetchRetryRules.isRetryable(error) ? .passing(text) : .lasting(text)
        }
        guard (200...299).contains(response.status) else { throw Self.fault(of: response) }
        return try PageReader.read(response.body, limit: limit)
    }

    private static func fault(of response: HTTPFetchResponse) -> PageFault {
        let text = "the source answered status \(response.status)"
        guard FetchRetryRules.isRetryable(status: response.status) else { return .lasting(text) }
        return .passing(text, retryAfter: response.retryAfter(now: WallClock.seconds()))
    }
}
