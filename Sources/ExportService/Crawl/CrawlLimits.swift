/// Bounds of one crawl.
package struct CrawlLimits: Sendable, Equatable {
    /// Pages in flight, 1…64: the request's `conn`.
    package var connections = 5
    /// Pages that may be held at once: in flight, waiting for another try, waiting for their turn to be written.
    package var heldPagesMax = 256
    /// Octets of pages waiting for their turn, and of those in flight by the size of the largest page so far.
    package var heldBytesMax = 16 * 1024 * 1024
    package var pagesMax = 1_000_000
    package var rowsMax = 20_000_000
    /// Pages handed to the writer in one go; small enough that held octets are let go steadily.
    package var batchPagesMax = 16
    /// The rows written have to equal the source's last `total`, else the export fails. Off: a warning.
    package var strictTotal = true

    /// A total that becomes smaller fails the export: rows may have moved to pages that were read before.
    package var failsOnShrinking = false

    package init() {}
}
