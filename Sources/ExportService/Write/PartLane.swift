import BlockingThreads
import Spreadsheet
import Synchronization

/// One part of an export that is written on a thread of its own, beside the crawl and other parts.
///
/// Takes pieces of pages and writes them in their order. Whoever gives them waits for room (`pendingBytes`), and at the
/// end for the file.
final class PartLane: Sendable {
    /// Some rows of a page.
    struct Piece: Sendable {
        let page: Content
        /// Counted from the first behind the header.
        let rows: Range<Int>
        /// Of the page, for messages.
        let number: Int

        /// Octets it takes in memory until it is written.
        var bytes: Int { if case .here(let page) = page { page.bytes.count } else { 0 } }
    }

    /// A page in memory, or one that is read again from the journal when its turn has come.
    enum Content: Sendable {
        case here(SourcePage)
        case kept(JournalFile.Place, PageReader)
    }

    private struct State {
        var pendingBytes = 0
        var isAbandoned = false
        var failure: (any Error)?
        var summary: SheetSummary?
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let thread: SerialThread
    private let state = Mutex(State())
    private let wrote: @Sendable (Int) -> Void
    // Touched on the thread only.
    nonisolated(unsafe) private var reader: RowReader
    nonisolated(unsafe) private var writer: (any SheetWriter)?

    /// - Parameter wrote: Told of rows that are in the file.
    init(_ number: Int, of files: PartFiles, _ columns: ColumnMap, wrote: @escaping @Sendable (Int) -> Void) {
        thread = SerialThread(name: "export-part-\(number)")
        reader = RowReader(columns: columns)
        self.wrote = wrote
        run { [self] in writer = try files.begin(number, columns) }
    }

    /// Octets of pieces that wait in memory.
    var pendingBytes: Int { state.withLock { $0.pendingBytes } }

    /// Throws what went wrong so far.
    func check() throws { if let failure = state.withLock({ $0.failure }) { throw failure } }

    /// Takes the next piece.
    func append(_ piece: Piece) {
        state.withLock { $0.pendingBytes += piece.bytes }
        run { [self] in
            defer { state.withLock { $0.pendingBytes -= piece.bytes } }
            try write(piece)
        }
    }

    /// No piece follows.
    func seal() {
        run { [self] in
            let summary = try writer?.finish()
            writer = nil
            state.withLock { $0.summary = summary }
        }
    }

    /// Waits until at most so many octets wait in memory. One at a time may wait.
    func room(for bytes: Int) async throws {
        while pendingBytes > bytes {
            try check()
            try Task.checkCancellation()
            await step { $0.pendingBytes > bytes }
        }
    }

    /// Waits for the file of a sealed part.
    func finished() async throws -> SheetSummary {
        while true {
            try check()
            if let summary = state.withLock({ $0.summary }) { return summary }
            try Task.checkCancellation()
            await step { $0.summary == nil }
        }
    }

    /// Gives up; afterwards nobody writes any more. Blocks until the piece under way is written.
    func abandon() {
        state.withLock { $0.isAbandoned = true }
        thread.run { [self] in
            writer?.abandon()
            writer = nil
        }
    }

    /// Waits for the next piece to be written, unless it is over or has failed meanwhile.
    private func step(while isDue: @escaping @Sendable (State) -> Bool) async {
        await withCheckedContinuation { continuation in
            let goesOn = state.withLock { state in
                guard state.failure == nil, isDue(state) else { return true }
                state.waiting = continuation
                return false
            }
            if goesOn { continuation.resume() }
        }
    }

    private func run(_ body: @escaping @Sendable () throws -> Void) {
        thread.enqueue { [self] in
            let isOver = state.withLock { $0.isAbandoned || $0.failure != nil }
            do {
                if !isOver { try body() }
            } catch {
                state.withLock { $0.failure = error }
            }
            state.withLock { state in
                defer { state.waiting = nil }
                return state.waiting
            }?.resume()
        }
    }

    private func write(_ piece: Piece) throws {
        guard let writer else { return }
        var index = 0
        try page(of: piece).forEachRow(number: piece.number) { row in
            defer { index += 1 }
            if index >= piece.rows.upperBound { return false }
            if index >= piece.rows.lowerBound {
                try reader.read(row) { cells throws(SpreadsheetError) in try writer.write(row: cells) }
            }
            return true
        }
        wrote(piece.rows.count)
    }

    private func page(of piece: Piece) throws -> SourcePage {
        switch piece.page {
        case .here(let page): return page
        case .kept(let place, let reader):
            guard let octets = place.file.page(at: place) else {
                throw CrawlFailure(page: piece.number, "what was kept of it on the disk is not whole any more")
            }
            return try reader.read(octets)
        }
    }
}
