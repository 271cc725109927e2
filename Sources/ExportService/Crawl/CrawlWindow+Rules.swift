/// How large the source is, by the newest page that said so.
struct SourceSize: Sendable, Equatable {
    var total: Int
    /// Fixed by page 1: the positions of all pages depend on it.
    let limit: Int
    /// The number that the source gives its first page; nil if it gives none.
    let firstPage: Int?
    var pages: Int
    /// The try that said so. A page asked for later is believed to know better, whenever it arrives.
    var serial: Int
}

/// The rules of the window, each in one place.
extension CrawlWindow {
    /// Whether the next page may be asked for.
    var mayFetch: Bool {
        guard let size else { return nextToFetch == 1 }
        guard nextToFetch <= size.pages, pending < limits.connections else { return false }
        // With nothing held there is no one to wait for: the page goes, however large.
        if held.isEmpty { return true }
        guard held.count < max(limits.heldPagesMax, limits.connections) else { return false }
        return heldBytes + (pending + 1) * largestPage <= limits.heldBytesMax
    }

    /// Takes the pages that can be written now.
    mutating func nextBatch() -> ClosedRange<Int>? {
        guard !isWriting else { return nil }
        let first = nextToWrite
        while nextToWrite - first < limits.batchPagesMax, case .ready(let bytes) = held[nextToWrite] {
            held[nextToWrite] = .writing(bytes: bytes)
            nextToWrite += 1
        }
        guard nextToWrite > first else { return nil }
        isWriting = true
        return first...nextToWrite - 1
    }

    /// Follows a source whose total changes while it is read; answers drops for pages beyond a new end.
    mutating func learn(_ tag: PageTag, from attempt: PageTry) -> [Action] {
        guard var size else {
            size = SourceSize(
                total: tag.total, limit: tag.limit, firstPage: tag.page, pages: tag.pages(limit: tag.limit),
                serial: attempt.serial)
            return []
        }
        guard attempt.serial > size.serial else { return [] }
        if tag.total < size.total { shrankFrom = size.total }
        size.total = tag.total
        size.pages = tag.pages(limit: size.limit)
        size.serial = attempt.serial
        self.size = size
        return dropPages(beyond: size.pages)
    }

    /// Forgets pages beyond the end that no one writes yet.
    private mutating func dropPages(beyond last: Int) -> [Action] {
        let beyond = held.keys.filter { $0 > last && $0 >= nextToWrite }.sorted()
        for page in beyond {
            switch held.removeValue(forKey: page) {
            case .inFlight, .waiting: pending -= 1
            case .ready(let bytes): heldBytes -= bytes
            case .writing, nil: break
            }
        }
        // A source that grows again is asked again.
        nextToFetch = min(nextToFetch, max(last + 1, nextToWrite))
        return beyond.map(Action.drop)
    }

    /// A truncated file is never a success: a source beyond the limits fails at once.
    var sizeFailure: CrawlFailure? {
        guard let size else { return nil }
        if size.total > limits.rowsMax { return .tooManyRows(size.total, allowed: limits.rowsMax) }
        if limits.failsOnShrinking, let shrankFrom { return .shrank(from: shrankFrom, to: size.total) }
        if size.pages > limits.pagesMax {
            return CrawlFailure(
                "the source has \(size.pages) pages, \(limits.pagesMax) are allowed: ask for a larger limit")
        }
        return nil
    }

    /// A source that takes no notice of the number asked for, or a cache in front of it, gives the same rows again and again.
    /// Its first page may have any number; the others have to count on from there.
    func mixup(_ tag: PageTag, for page: Int) -> CrawlFailure? {
        // A page beyond a new end is not wanted, whatever it is.
        guard held[page] != nil, let first = size?.firstPage, let found = tag.page else { return nil }
        let expected = first &+ (page - 1)
        guard found != expected else { return nil }
        return CrawlFailure(page: page, "expected \(expected) in data.pagetag.page, found \(found)")
    }

    /// The end: everything is written.
    func outcome(_ size: SourceSize) -> Action {
        guard limits.strictTotal, rowsWritten != size.total else {
            return .finish(CrawlOutcome(rows: rowsWritten, total: size.total, pages: nextToWrite - 1))
        }
        return .fail(
            CrawlFailure(
                "the source says it has \(size.total) rows, its \(nextToWrite - 1) pages held \(rowsWritten)"))
    }
}
