/// Brings the pages of a source into the file that names in each page what asks for the next one.
///
/// One page after the other, for there is no other way; the next one is fetched while a page is written.
struct CursorCrawler: Sendable {
    let fetch: @Sendable (_ number: Int, _ token: String?) async throws(PageFault) -> SourcePage
    let file: ExportFile
    var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    var report: Crawler.Report = { _, _ in }
    /// Whether a page is one that another execution has fetched.
    var isInherited: @Sendable (_ number: Int) async -> Bool = { _ in false }
    /// Forgets all such pages.
    var forgetPages: @Sendable () async -> Void = {}

    /// Answers how many rows the source says it has, or brought if it says nothing.
    ///
    /// Sources forget their cursors, mostly after minutes: where one from before a crash is refused, everything is fetched
    /// again from the beginning, once.
    func run(limits: CrawlLimits, retries: RetrySchedule) async throws -> Int {
        do {
            return try await crawl(limits: limits, retries: retries)
        } catch is StaleCursor {
            await forgetPages()
            await file.restart()
            return try await crawl(limits: limits, retries: retries)
        }
    }

    /// A cursor of another execution is not taken any more.
    private struct StaleCursor: Error {}

    private func crawl(limits: CrawlLimits, retries: RetrySchedule) async throws -> Int {
        var course = CursorCourse(limits: limits)
        var page = try await page(1, token: nil, retries)
        try course.take(page.tag)
        try await file.begin(page)
        var (number, rows) = (1, 0)
        while true {
            report(course.total, page.next == nil)
            let (written, current) = (number, page)
            async let writing = file.write([current], from: written)
            guard let token = current.next else {
                rows += try await writing
                break
            }
            try course.follow(token, from: number)
            page = try await self.page(number + 1, token: token, retries)
            rows += try await writing
            guard rows <= limits.rowsMax else {
                throw CrawlFailure("the source gave more than the \(limits.rowsMax) rows allowed")
            }
            number += 1
            try course.take(page.tag)
        }
        guard limits.strictTotal, let total = course.total, total != rows else {
            return course.total ?? rows
        }
        throw CrawlFailure("the source says it has \(total) rows, its \(number) pages held \(rows)")
    }

    /// A page, tried again as long as it may help.
    private func page(_ number: Int, token: String?, _ retries: RetrySchedule) async throws -> SourcePage {
        var random = SystemRandomNumberGenerator()
        var tries = 1
        while true {
            do throws(PageFault) {
                return try await fetch(number, token)
            } catch {
                try Task.checkCancellation()
                guard case .passing(let reason, let retryAfter) = error else {
                    guard case .lasting(let reason) = error else { throw error }
                    if number > 1, await isInherited(number - 1) { throw StaleCursor() }
                    throw CrawlFailure(page: number, reason)
                }
                guard tries < retries.triesMax, (retryAfter ?? .zero) <= retries.retryAfterMax else {
                    throw CrawlFailure(page: number, "\(reason) (tried \(tries) times)")
                }
                ExportMetrics.retried()
                try await sleep(retries.delay(afterTry: tries, retryAfter: retryAfter, using: &random))
                tries += 1
            }
        }
    }
}
