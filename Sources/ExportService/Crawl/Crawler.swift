/// Carries out what `CrawlWindow` decides: fetches pages, waits, hands batches to the file.
///
/// A thin shell: the only state of its own are the pages that wait for their turn.
package struct Crawler: Sendable {
    /// Told with every batch: rows the source has, whether nothing is fetched any more.
    package typealias Report = @Sendable (_ total: Int?, _ isCrawled: Bool) -> Void

    private let fetch: @Sendable (Int) async throws(PageFault) -> SourcePage
    private let file: ExportFile
    private let sleep: @Sendable (Duration) async throws -> Void
    private let report: Report

    package init(
        fetch: @escaping @Sendable (Int) async throws(PageFault) -> SourcePage, file: ExportFile,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        report: @escaping Report = { _, _ in }
    ) {
        self.fetch = fetch
        self.file = file
        self.sleep = sleep
        self.report = report
    }

    /// Brings all pages into the file. Throws `CrawlFailure`, what the file throws, or `CancellationError`.
    package func run(limits: CrawlLimits, retries: RetrySchedule) async throws -> CrawlOutcome {
        try await withThrowingTaskGroup(of: Event.self) { group in
            // Whatever is still under way at the end (dropped pages, pauses) is not waited for.
            defer { group.cancelAll() }
            var state = Crawl(window: CrawlWindow(limits: limits, retries: retries))
            var actions = state.window.start()
            while true {
                for action in actions {
                    switch action {
                    case .finish(let outcome): return outcome
                    case .fail(let failure): throw failure
                    case .drop(let page): state.pages[page] = nil
                    case .fetch(let attempt): group.addTask { try await arrival(of: attempt) }
                    case .pause(let attempt, let duration):
                        ExportMetrics.retried()
                        group.addTask {
                            try await sleep(duration)
                            return .due(attempt)
                        }
                    case .write(let range):
                        report(state.window.rowsTotal, state.window.hasAllPages)
                        let pages = range.map { state.pages.removeValue(forKey: $0)! }
                        group.addTask { .wrote(range, rows: try await file.write(pages, from: range.lowerBound)) }
                    }
                }
                guard let event = try await group.next() else { throw CancellationError() }
                actions = try await state.take(event, file: file)
            }
        }
    }

    private func arrival(of attempt: PageTry) async throws -> Event {
        do throws(PageFault) {
            return .arrived(attempt, try await fetch(attempt.page))
        } catch {
            // A transfer that was aborted by a cancel says nothing about the source.
            try Task.checkCancellation()
            return .failed(attempt, error)
        }
    }

    private enum Event: Sendable {
        case arrived(PageTry, SourcePage)
        case failed(PageTry, PageFault)
        case due(PageTry)
        case wrote(ClosedRange<Int>, rows: Int)
    }

    /// The window and the pages it has accepted.
    private struct Crawl {
        var window: CrawlWindow
        var pages: [Int: SourcePage] = [:]
        var random = SystemRandomNumberGenerator()

        mutating func take(_ event: Event, file: ExportFile) async throws -> [CrawlWindow.Action] {
            switch event {
            case .arrived(let attempt, let page):
                guard window.expects(attempt) else { return [] }
                if attempt.page == 1 { try await file.begin(page) }
                pages[attempt.page] = page
                return window.arrived(attempt, bytes: page.bytes.count, tag: page.tag)
            case .failed(let attempt, let fault):
                return window.failed(attempt, fault, using: &random)
            case .due(let attempt):
                return window.retryDue(attempt)
            case .wrote(let range, let rows):
                return window.wrote(range, rows: rows)
            }
        }
    }
}
