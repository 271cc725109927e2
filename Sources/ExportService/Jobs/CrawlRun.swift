import HTTPFetch

/// The crawl of one export: the source's pages through the journal into the file.
struct CrawlRun {
    let source: HTTPSource
    let key: HashKey
    let configuration: ExportConfiguration
    let policy: AddressPolicy
    let journal: PageJournal
    let meter: ProgressMeter
    let pacers: SourcePacers

    /// Answers how many rows the source says it has, or brought if it says nothing.
    func crawl(with http: any HTTPFetcher, into file: ExportFile) async throws -> Int {
        let reader = source.reader
        let pacer = pacers.enter(source.url.origin, pagesPerSecond: rate)
        defer { pacer.leave() }
        let fetcher = PageFetcher(http: http, requests: try requests(), reader: reader, pacer: pacer)
        var limits = configuration.crawlLimits
        limits.connections = source.connections
        limits.failsOnShrinking = source.uniqueKey != nil
        let meter = meter
        let report: Crawler.Report = { meter.source(total: $0, isCrawled: $1) }
        guard source.cursor == nil else {
            let crawler = CursorCrawler(
                fetch: { number, token throws(PageFault) in
                    let pages = journalled(reader) { number throws(PageFault) in
                        try await fetcher.page(number, token: token)
                    }
                    return try await pages.page(number)
                }, file: file, report: report, isInherited: { [journal] in await journal.isInherited($0) },
                forgetPages: { [journal] in await journal.forget() })
            return try await crawler.run(limits: limits, retries: configuration.pageRetries)
        }
        let pages = journalled(reader) { number throws(PageFault) in try await fetcher.page(number) }
        let crawler = Crawler(
            fetch: { number throws(PageFault) in try await pages.page(number) }, file: file, report: report)
        return try await crawler.run(limits: limits, retries: configuration.pageRetries).total
    }

    private func journalled(
        _ reader: PageReader, _ fetch: @escaping @Sendable (Int) async throws(PageFault) -> SourcePage
    ) -> JournalledPages {
        JournalledPages(journal: journal, reader: reader, meter: meter, fetch: fetch)
    }

    private func requests() throws -> PageRequest {
        var known: SourceCredentials.Credential?
        if let name = source.credential {
            guard let credential = configuration.credentials[name], credential.isFor(source.url.text) else {
                throw CrawlFailure("the credential \"\(name)\" is not one for this source any more")
            }
            known = credential
        }
        return PageRequest(
            source: source, key: key, limits: configuration.pageLimits, policy: policy,
            authorization: known?.authorization, identity: known?.identity, proxy: configuration.proxy)
    }

    private var rate: Double? { [source.pagesPerSecond, configuration.pagesPerSecondMax].compactMap { $0 }.min() }
}

extension HTTPSource {
    /// How its pages are read.
    var reader: PageReader { PageReader(limit: limit, cursor: cursor) }
}

extension ExportSource {
    /// The same; nil for rows that came with the request.
    var reader: PageReader? { if case .http(let source) = self { source.reader } else { nil } }
}
