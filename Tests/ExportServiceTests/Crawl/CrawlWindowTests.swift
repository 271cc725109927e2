import ExportService
import TestSupport
import Testing

/// The window's decisions, one rule at a time.
@Suite struct CrawlWindowTests {
    private func window(connections: Int = 3, _ change: (inout CrawlLimits) -> Void = { _ in }) -> CrawlWindow {
        var limits = CrawlLimits()
        limits.connections = connections
        change(&limits)
        return CrawlWindow(limits: limits)
    }

    private func fetched(_ actions: [CrawlWindow.Action], page: Int) -> PageTry? {
        for case .fetch(let attempt) in actions where attempt.page == page { return attempt }
        return nil
    }

    private func pages(_ actions: [CrawlWindow.Action]) -> [Int] {
        actions.compactMap { if case .fetch(let attempt) = $0 { attempt.page } else { nil } }
    }

    /// Past page 1 of a source with `total` rows, ten a page.
    private func opened(
        _ window: inout CrawlWindow, total: Int
    ) throws -> [CrawlWindow.Action] {
        let first = try #require(fetched(window.start(), page: 1))
        return window.arrived(first, bytes: 100, tag: PageTag(total: total, limit: 10))
    }

    @Test func pageOneTravelsAlone() throws {
        var window = window()
        let start = window.start()
        #expect(pages(start) == [1])
        let next = window.arrived(try #require(fetched(start, page: 1)), bytes: 9, tag: PageTag(total: 95, limit: 10))
        #expect(next.first == .write(1...1))
        #expect(pages(next) == [2, 3, 4])
    }

    @Test func pagesAreWrittenInOrderInBatches() throws {
        var window = window()
        let next = try opened(&window, total: 40)
        let (two, three, four) = (fetched(next, page: 2)!, fetched(next, page: 3)!, fetched(next, page: 4)!)
        let tag = PageTag(total: 40, limit: 10)
        #expect(window.arrived(four, bytes: 1, tag: tag) == [])
        #expect(window.arrived(three, bytes: 1, tag: tag) == [])
        #expect(window.wrote(1...1, rows: 10) == [])
        #expect(window.arrived(two, bytes: 1, tag: tag) == [.write(2...4)])
        #expect(window.wrote(2...4, rows: 30) == [.finish(CrawlOutcome(rows: 40, total: 40, pages: 4))])
    }

    @Test func anEmptySourceIsAHeaderOnly() throws {
        var window = window()
        #expect(try opened(&window, total: 0) == [.write(1...1)])
        #expect(window.wrote(1...1, rows: 0) == [.finish(CrawlOutcome(rows: 0, total: 0, pages: 1))])
    }

    @Test func aPassingFaultIsTriedFiveTimes() throws {
        var window = window()
        var random = SeededGenerator(seed: 1)
        var attempt = try #require(fetched(window.start(), page: 1))
        for number in 1...4 {
            let actions = window.failed(attempt, .passing("status 500"), using: &random)
            guard case .pause(attempt, let delay) = actions.first else {
                Issue.record("expected a pause, found \(actions)")
                return
            }
            #expect(delay <= .milliseconds(200) * (1 << (number - 1)))
            attempt = try #require(fetched(window.retryDue(attempt), page: 1))
            #expect(attempt.number == number + 1)
        }
        let end = window.failed(attempt, .passing("status 500"), using: &random)
        #expect(end == [.fail(CrawlFailure("page 1: status 500 (tried 5 times)"))])
        #expect(window.retryDue(attempt) == [])
    }

    @Test func retryAfterIsObeyedUpToALimit() throws {
        var window = window()
        var random = SeededGenerator(seed: 1)
        let attempt = try #require(fetched(window.start(), page: 1))
        let paused = window.failed(attempt, .passing("busy", retryAfter: .seconds(42)), using: &random)
        #expect(paused == [.pause(attempt, .seconds(42))])
        let again = try #require(fetched(window.retryDue(attempt), page: 1))
        let end = window.failed(again, .passing("busy", retryAfter: .seconds(301)), using: &random)
        #expect(end == [.fail(CrawlFailure("page 1: busy and asked to wait 301 s, more than the 300 s allowed"))])
    }

    @Test func aLastingFaultFailsAtOnceWithItsPage() throws {
        var window = window()
        var random = SeededGenerator(seed: 1)
        let next = try opened(&window, total: 40)
        let end = window.failed(fetched(next, page: 3)!, .lasting("not JSON"), using: &random)
        #expect(end == [.fail(CrawlFailure("page 3: not JSON"))])
        #expect(window.arrived(fetched(next, page: 2)!, bytes: 1, tag: PageTag(total: 40, limit: 10)) == [])
    }

    @Test func growthFetchesTheExtraPages() throws {
        var window = window()
        let next = try opened(&window, total: 20)
        _ = window.wrote(1...1, rows: 10)
        let grown = window.arrived(fetched(next, page: 2)!, bytes: 1, tag: PageTag(total: 31, limit: 10))
        #expect(grown.first == .write(2...2))
        #expect(pages(grown) == [3, 4])
    }

    @Test func shrinkingEndsEarlyAndDropsWhatIsUnderWay() throws {
        var window = window()
        let next = try opened(&window, total: 40)
        _ = window.wrote(1...1, rows: 10)
        let shrunk = window.arrived(fetched(next, page: 2)!, bytes: 1, tag: PageTag(total: 20, limit: 10))
        #expect(shrunk == [.drop(page: 3), .drop(page: 4), .write(2...2)])
        #expect(window.arrived(fetched(next, page: 4)!, bytes: 1, tag: PageTag(total: 40, limit: 10)) == [])
        #expect(window.wrote(2...2, rows: 10) == [.finish(CrawlOutcome(rows: 20, total: 20, pages: 2))])
    }

    @Test func anOlderAnswerDoesNotOverruleANewerOne() throws {
        var window = window()
        let next = try opened(&window, total: 40)
        _ = window.wrote(1...1, rows: 10)
        _ = window.arrived(fetched(next, page: 4)!, bytes: 1, tag: PageTag(total: 50, limit: 10))
        _ = window.arrived(fetched(next, page: 2)!, bytes: 1, tag: PageTag(total: 40, limit: 10))
        #expect(window.rowsTotal == 50)
    }

    @Test func aSourceThatLiesAboutItsTotalFailsUnlessThatIsAllowed() throws {
        for (strict, total) in [(true, 15), (true, 5), (false, 15)] {
            var window = window { $0.strictTotal = strict }
            let next = try opened(&window, total: total)
            var end = window.wrote(1...1, rows: 9)
            if let two = fetched(next, page: 2) {
                #expect(end == [])
                #expect(window.arrived(two, bytes: 1, tag: PageTag(total: total, limit: 10)) == [.write(2...2)])
                end = window.wrote(2...2, rows: 1)
            }
            guard case .fail(let failure)? = end.first else {
                #expect(!strict && end == [.finish(CrawlOutcome(rows: 10, total: total, pages: 2))])
                continue
            }
            #expect(strict && failure.reason.contains("says it has \(total) rows"))
        }
    }

    @Test func limitsOfRowsAndPagesFailWhatIsBeyondThem() throws {
        var rows = window { $0.rowsMax = 100 }
        #expect(try opened(&rows, total: 101) == [.fail(CrawlFailure("the source has 101 rows, 100 are allowed"))])
        var pages = window { $0.pagesMax = 5 }
        #expect(try opened(&pages, total: 51).count == 1)
        var given = window { $0.rowsMax = 100 }
        _ = try opened(&given, total: 100)
        let end = given.wrote(1...1, rows: 101)
        #expect(end == [.fail(CrawlFailure("the source gave more than the 100 rows allowed"))])
    }

    @Test func octetsThatWaitAreBounded() throws {
        var window = window(connections: 8) { $0.heldBytesMax = 350 }
        let next = try opened(&window, total: 1_000)
        // 100 held by page 1, 100 expected of each page in flight.
        #expect(pages(next) == [2, 3])
        let more = window.wrote(1...1, rows: 10)
        #expect(pages(more) == [4])
    }

    @Test func aPageLargerThanTheBoundStillGoesThrough() throws {
        var window = window(connections: 8) { $0.heldBytesMax = 50 }
        var actions = try opened(&window, total: 30)
        for page in 1...3 {
            #expect(actions.contains(.write(page...page)))
            actions = window.wrote(page...page, rows: 10)
            guard page < 3 else { break }
            #expect(pages(actions) == [page + 1])
            actions = window.arrived(
                fetched(actions, page: page + 1)!, bytes: 100, tag: PageTag(total: 30, limit: 10))
        }
        #expect(actions == [.finish(CrawlOutcome(rows: 30, total: 30, pages: 3))])
    }
}
