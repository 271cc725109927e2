import Spreadsheet

/// Deals the rows of pages out to parts that are written at the same time, each on a thread of its own.
///
/// Pages come in their order, and a row's place alone decides about its part: the files are those that one thread would
/// write. The crawl may run ahead of a part: pages it has no room for in memory are read from the journal again when
/// their turn has come. What is not in the journal is waited for.
final class ParallelParts {
    /// Where pages are kept.
    typealias Keep = @Sendable (_ page: Int) async -> JournalFile.Place?

    private let files: PartFiles
    private let columns: ColumnMap
    /// Octets of pages that one part may have waiting in memory.
    private let pendingBytesMax: Int
    private let reader: PageReader
    private let kept: Keep
    private let wrote: @Sendable (Int) -> Void
    private var lanes: [PartLane] = []
    private var summaries: [SheetSummary] = []
    private var rowsInPart = 0

    init(
        _ files: PartFiles, _ columns: ColumnMap, pendingBytesMax: Int, reader: PageReader, kept: @escaping Keep,
        wrote: @escaping @Sendable (Int) -> Void
    ) {
        self.files = files
        self.columns = columns
        self.pendingBytesMax = max(1, pendingBytesMax / max(1, files.options.partsAtOnceMax))
        self.reader = reader
        self.kept = kept
        self.wrote = wrote
    }

    /// Parts that have been begun.
    var count: Int { summaries.count + lanes.count }

    /// Takes a page; answers its rows.
    func take(_ page: SourcePage, number: Int, isolation: isolated (any Actor)? = #isolation) async throws -> Int {
        let total = page.countRows()
        var first = 0
        while first < total {
            let lane = try await lane()
            let count = min(total - first, files.rowsPerFile - rowsInPart)
            let content = try await content(page, number: number, for: lane)
            lane.append(.init(page: content, rows: first..<first + count, number: number))
            rowsInPart += count
            first += count
        }
        return total
    }

    /// Waits for all parts; answers what each holds, in their order.
    func finish(isolation: isolated (any Actor)? = #isolation) async throws -> [SheetSummary] {
        if lanes.isEmpty { _ = try await lane() }
        lanes.last?.seal()
        while !lanes.isEmpty { try await retireFirst() }
        return summaries
    }

    func abandon() {
        for lane in lanes { lane.abandon() }
        lanes = []
    }

    /// The part for the next row.
    private func lane(isolation: isolated (any Actor)? = #isolation) async throws -> PartLane {
        for lane in lanes { try lane.check() }
        if let last = lanes.last, rowsInPart < files.rowsPerFile { return last }
        lanes.last?.seal()
        while lanes.count >= files.options.partsAtOnceMax { try await retireFirst() }
        let next = PartLane(count + 1, of: files, columns, wrote: wrote)
        lanes.append(next)
        rowsInPart = 0
        return next
    }

    private func retireFirst(isolation: isolated (any Actor)? = #isolation) async throws {
        summaries.append(try await lanes[0].finished())
        lanes.removeFirst()
    }

    /// The page itself if the part has room, else where it is kept, else the page once there is room.
    private func content(
        _ page: SourcePage, number: Int, for lane: PartLane, isolation: isolated (any Actor)? = #isolation
    ) async throws -> PartLane.Content {
        if lane.pendingBytes + page.bytes.count <= pendingBytesMax { return .here(page) }
        if let place = await kept(number) { return .kept(place, reader) }
        try await lane.room(for: max(0, pendingBytesMax - page.bytes.count))
        return .here(page)
    }
}
