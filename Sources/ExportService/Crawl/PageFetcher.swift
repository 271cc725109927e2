package import HTTPFetch

/// Gets one page, once: the transfer, and the judgement whether trying again can help.
package struct PageFetcher: Sendable {
    private let http: any HTTPFetcher
    private let requests: PageRequest
    private let reader: PageReader
    private let pacer: PagePacer?

    package init(http: any HTTPFetcher, requests: PageRequest, reader: PageReader, pacer: PagePacer? = nil) {
        self.http = http
        self.requests = requests
        self.reader = reader
        self.pacer = pacer
    }

    /// - Parameter token: What the page before it said, of sources with a cursor.
    package func page(_ number: Int, token: String? = nil) async throws(PageFault) -> SourcePage {
        await pacer?.turn()
        let response: HTTPFetchResponse
        do {
            response = try await http.fetch(requests.request(page: number, token: token))
        } catch {
            let text = error.description
            throw FetchRetryRules.isRetryable(error) ? .passing(text) : .lasting(text)
        }
        guard (200...299).contains(response.status) else { throw Self.fault(of: response) }
        return try reader.read(response.body)
    }

    private static func fault(of response: HTTPFetchResponse) -> PageFault {
        var text = "the source answered status \(response.status)"
        if let refusal = PageReader.refusal(in: response.body) { text += ", \(refusal)" }
        guard FetchRetryRules.isRetryable(status: response.status) else { return .lasting(text) }
        return .passing(text, retryAfter: response.retryAfter(now: WallClock.seconds()))
    }
}
