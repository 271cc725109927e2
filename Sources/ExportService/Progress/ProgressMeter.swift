import Synchronization

/// Counts what an export has done, and tells from the last seconds how fast it is and how long it will take.
package final class ProgressMeter: Sendable {
    /// Rates are taken over at least so long, and over at most twice that.
    static let rateSpan: Duration = .seconds(5)

    private struct Mark {
        var time: Duration
        var pages = 0
        var rows = 0
    }

    private struct State {
        var phase: ExportPhase
        var pages = 0
        var rows = 0
        var totalRows: Int?
        var sourceBytes = 0
        /// What the rates are counted from: the beginning of this span and of the last one.
        var recent: Mark
        var older: Mark
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> Duration
    private let diskBytes: @Sendable () -> Int
    private let report: @Sendable (ExportProgress) -> Void

    /// - Parameters:
    ///   - diskBytes: What the export takes on the disk at present.
    ///   - now: Since any instant.
    package init(
        phase: ExportPhase = .crawling, diskBytes: @escaping @Sendable () -> Int = { 0 },
        now: (@Sendable () -> Duration)? = nil, report: @escaping @Sendable (ExportProgress) -> Void
    ) {
        let begin = ContinuousClock.now
        let now = now ?? { ContinuousClock.now - begin }
        let mark = Mark(time: now())
        state = Mutex(State(phase: phase, recent: mark, older: mark))
        self.now = now
        self.diskBytes = diskBytes
        self.report = report
    }

    /// A page came from the source.
    package func fetched(bytes: Int) {
        state.withLock { state in
            state.pages += 1
            state.sourceBytes += bytes
        }
    }

    /// A page was there already. It says nothing about the source's speed.
    package func read(bytes: Int) {
        state.withLock { state in
            state.pages += 1
            state.recent.pages += 1
            state.older.pages += 1
            state.sourceBytes += bytes
        }
    }

    /// What is known of the source.
    ///
    /// - Parameter isCrawled: Nothing is fetched any more.
    package func source(total: Int?, isCrawled: Bool) {
        state.withLock { state in
            state.totalRows = total
            if isCrawled { state.phase = .writing }
        }
    }

    /// So many rows are in the files; tells so.
    package func wrote(rows: Int) { tell { $0.rows = max($0.rows, rows) } }

    /// Another part of the work begins; tells so.
    package func begin(_ phase: ExportPhase) { tell { $0.phase = phase } }

    private func tell(_ change: (inout State) -> Void) {
        let (now, diskBytes) = (now(), diskBytes())
        let progress = state.withLock { state in
            change(&state)
            return Self.progress(&state, now: now, diskBytes: diskBytes)
        }
        report(progress)
    }

    private static func progress(_ state: inout State, now: Duration, diskBytes: Int) -> ExportProgress {
        if now - state.recent.time >= rateSpan {
            state.older = state.recent
            state.recent = Mark(time: now, pages: state.pages, rows: state.rows)
        }
        let seconds = (now - state.older.time) / .seconds(1)
        var progress = ExportProgress(
            phase: state.phase, rows: state.rows, totalRows: state.totalRows, sourceBytes: state.sourceBytes,
            pages: state.pages, diskBytes: diskBytes)
        guard seconds > 0 else { return progress }
        if state.phase == .crawling { progress.pagesPerSecond = Double(state.pages - state.older.pages) / seconds }
        let rowsPerSecond = Double(state.rows - state.older.rows) / seconds
        if let total = state.totalRows, rowsPerSecond > 0 {
            // Nil for what no integer holds: a source may tell any total.
            progress.secondsLeft = Int(exactly: (Double(max(0, total - state.rows)) / rowsPerSecond).rounded(.up))
        }
        return progress
    }
}
