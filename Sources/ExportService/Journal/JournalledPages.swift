import Spreadsheet

/// Gets pages from the journal if they are there, else from the source, and keeps those.
package struct JournalledPages: Sendable {
    private let journal: PageJournal
    private let reader: PageReader
    private let meter: ProgressMeter
    private let fetch: @Sendable (Int) async throws(PageFault) -> SourcePage

    package init(
        journal: PageJournal, reader: PageReader, meter: ProgressMeter,
        fetch: @escaping @Sendable (Int) async throws(PageFault) -> SourcePage
    ) {
        self.journal = journal
        self.reader = reader
        self.meter = meter
        self.fetch = fetch
    }

    package func page(_ number: Int) async throws(PageFault) -> SourcePage {
        if let octets = await journal.page(number), let page = try? reader.read(octets) {
            meter.read(bytes: octets.count)
            return page
        }
        let page = try await fetch(number)
        meter.fetched(bytes: page.bytes.count)
        // The only page of a source is sooner fetched than kept.
        let isAlone = number == 1 && page.next == nil && page.tag.pages(limit: page.tag.limit) == 1
        if !isAlone, await journal.takesPages, let packed = try? PackedOctets(page.bytes) {
            await journal.keep(packed, number: number)
        }
        return page
    }
}
