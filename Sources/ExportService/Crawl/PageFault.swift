/// Why a try of a page did not bring the page.
package enum PageFault: Error, Sendable, Equatable {
    /// May go better next time; `retryAfter` is what the source asked for.
    case passing(String, retryAfter: Duration? = nil)
    /// Will not: refused by a rule, or an answer that says so itself.
    case lasting(String)
}

/// Why a crawl failed; the text becomes `fail_reason`.
package struct CrawlFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package var reason: String

    package init(_ reason: String) { self.reason = reason }
    package init(page: Int, _ reason: String) { self.reason = "page \(page): \(reason)" }

    package var description: String { reason }

    static func tooManyRows(_ rows: Int, allowed: Int) -> CrawlFailure {
        CrawlFailure("the source has \(rows) rows, \(allowed) are allowed")
    }

    static func shrank(from old: Int, to new: Int) -> CrawlFailure {
        CrawlFailure(
            "the source had \(old) rows and has \(new) now: rows may be missing, it changed while it was paged")
    }
}
