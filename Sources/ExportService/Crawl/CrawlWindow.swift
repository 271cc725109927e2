/// Decides which page is fetched, written, tried again or given up: a window that slides over the pages of a source.
///
/// No I/O, no clock: the shell (`Crawler`) reports what happened and carries out the answered actions in their order.
///
/// Invariants:
/// - Page 1 travels alone; nothing else starts before it has been accepted, for it alone decides the columns.
/// - Pages are written in their order, one batch at a time; a page is held until it has been written.
/// - At most `connections` pages are in flight or waiting for another try (a page that waits keeps its place: a source
///   that struggles is asked less).
/// - Held pages stay within `heldPagesMax`; their octets within `heldBytesMax`, unless a single page is larger.
/// - Something is always under way until `finish` or `fail`, after which there are no more actions.
package struct CrawlWindow: Sendable {
    package enum Action: Sendable, Equatable {
        case fetch(PageTry)
        /// Report `retryDue` after the pause.
        case pause(PageTry, Duration)
        case write(ClosedRange<Int>)
        /// The source shrank: the page is not wanted any more, wherever it is.
        case drop(page: Int)
        case finish(CrawlOutcome)
        case fail(CrawlFailure)
    }

    enum Held: Equatable {
        /// Exits: `ready` by arrival, `waiting` by a passing fault, gone by a drop.
        case inFlight(PageTry)
        /// Exits: `inFlight` when due, gone by a drop.
        case waiting(PageTry)
        /// Exits: `writing` in its turn, gone by a drop.
        case ready(bytes: Int)
        /// Exits: gone when written.
        case writing(bytes: Int)
    }

    let limits: CrawlLimits
    let retries: RetrySchedule
    var held: [Int: Held] = [:]
    /// Pages in flight or waiting for another try.
    var pending = 0
    /// Octets of pages that are ready or being written.
    var heldBytes = 0
    var largestPage = 0
    /// The lowest page that has never been asked for, or was dropped.
    var nextToFetch = 1
    var nextToWrite = 1
    var isWriting = false
    var hasEnded = false
    /// Counts fetches; tells tries of the same page apart and orders what sources said.
    var serial = 0
    var size: SourceSize?
    /// The last total that was larger than the one after it.
    var shrankFrom: Int?

    /// Rows handed to the file so far.
    package private(set) var rowsWritten = 0

    package init(limits: CrawlLimits, retries: RetrySchedule = .init()) {
        self.limits = limits
        self.retries = retries
    }

    /// Rows the source has, as far as it is known.
    package var rowsTotal: Int? { size?.total }

    /// Nothing more has to be fetched, as far as it is known.
    package var hasAllPages: Bool { pending == 0 && size.map { nextToFetch > $0.pages } ?? false }

    package mutating func start() -> [Action] { advance() }

    /// False for a try that the window has given up meanwhile.
    package func expects(_ attempt: PageTry) -> Bool { !hasEnded && held[attempt.page] == .inFlight(attempt) }

    /// A page is here, was read and is the documented format.
    package mutating func arrived(_ attempt: PageTry, bytes: Int, tag: PageTag) -> [Action] {
        guard expects(attempt) else { return [] }
        pending -= 1
        held[attempt.page] = .ready(bytes: bytes)
        heldBytes += bytes
        largestPage = max(largestPage, bytes)
        let dropped = learn(tag, from: attempt)
        if let failure = sizeFailure ?? mixup(tag, for: attempt.page) { return end(.fail(failure)) }
        return dropped + advance()
    }

    /// A try brought nothing.
    package mutating func failed(
        _ attempt: PageTry, _ fault: PageFault, using generator: inout some RandomNumberGenerator
    ) -> [Action] {
        guard expects(attempt) else { return [] }
        switch fault {
        case .lasting(let reason):
            return end(.fail(CrawlFailure(page: attempt.page, reason)))
        case .passing(let reason, let retryAfter):
            if attempt.number >= retries.triesMax {
                return end(.fail(CrawlFailure(page: attempt.page, "\(reason) (tried \(attempt.number) times)")))
            }
            if let retryAfter, retryAfter > retries.retryAfterMax {
                let allowed = retries.retryAfterMax.components.seconds
                let text =
                    "\(reason) and asked to wait \(retryAfter.components.seconds) s, more than the \(allowed) s allowed"
                return end(.fail(CrawlFailure(page: attempt.page, text)))
            }
            held[attempt.page] = .waiting(attempt)
            let delay = retries.delay(afterTry: attempt.number, retryAfter: retryAfter, using: &generator)
            return [.pause(attempt, delay)]
        }
    }

    /// The pause before another try is over.
    package mutating func retryDue(_ attempt: PageTry) -> [Action] {
        guard !hasEnded, held[attempt.page] == .waiting(attempt) else { return [] }
        return [fetch(attempt.page, try: attempt.number + 1)]
    }

    /// A batch is in the file; `rows` without headers.
    package mutating func wrote(_ pages: ClosedRange<Int>, rows: Int) -> [Action] {
        guard !hasEnded else { return [] }
        for page in pages {
            if case .writing(let bytes) = held.removeValue(forKey: page) { heldBytes -= bytes }
        }
        isWriting = false
        rowsWritten += rows
        if rowsWritten > limits.rowsMax {
            return end(.fail(CrawlFailure("the source gave more than the \(limits.rowsMax) rows allowed")))
        }
        return advance()
    }

    /// Starts whatever may start now, or ends.
    private mutating func advance() -> [Action] {
        var actions: [Action] = []
        if let batch = nextBatch() { actions.append(.write(batch)) }
        while mayFetch {
            actions.append(fetch(nextToFetch, try: 1))
            nextToFetch += 1
        }
        if let size, nextToWrite > size.pages, !isWriting { actions += end(outcome(size)) }
        return actions
    }

    mutating func fetch(_ page: Int, try number: Int) -> Action {
        serial += 1
        let attempt = PageTry(page: page, number: number, serial: serial)
        if number == 1 { pending += 1 }
        held[page] = .inFlight(attempt)
        return .fetch(attempt)
    }

    mutating func end(_ action: Action) -> [Action] {
        hasEnded = true
        held = [:]
        return [action]
    }
}

/// One try of one page.
package struct PageTry: Sendable, Hashable {
    package var page: Int
    /// 1 for the first try.
    package var number: Int
    /// Unique within a crawl.
    package var serial: Int
}

/// A crawl that brought everything it could.
package struct CrawlOutcome: Sendable, Equatable {
    /// Rows in the file, without headers.
    package var rows: Int
    /// What the source said last.
    package var total: Int
    package var pages: Int

    package init(rows: Int, total: Int, pages: Int) {
        self.rows = rows
        self.total = total
        self.pages = pages
    }
}
