/// What a page says about the whole: the documented `data.pagetag`.
package struct PageTag: Sendable, Equatable {
    /// Rows of the source, header rows not counted.
    package var total: Int
    /// Rows per page as the source really counts them: it may cap what was asked for.
    package var limit: Int
    /// Which page it is, as the source counts them; nil if it does not say.
    package var page: Int?

    package init(total: Int, limit: Int, page: Int? = nil) {
        self.total = total
        self.limit = limit
        self.page = page
    }

    /// Pages that hold `total` rows; page 1 always exists, it has the header.
    package func pages(limit: Int) -> Int {
        max(1, total / limit + (total % limit == 0 ? 0 : 1))
    }
}
