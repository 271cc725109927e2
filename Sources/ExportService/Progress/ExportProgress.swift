import JSONBytes
package import JobQueue
import ServiceContracts

/// What an export is doing.
package enum ExportPhase: String, Sendable {
    /// Pages are fetched, and written as they come.
    case crawling
    /// All rows are here; they are being written.
    case writing
    /// The files are packed into one.
    case zipping
    /// The zip goes to the store of files.
    case storing
}

/// How far an export is, as people are told.
package struct ExportProgress: Sendable, Equatable {
    package var phase: ExportPhase
    /// Rows in the file so far.
    package var rows: Int
    /// Rows of the source, as far as it is known.
    package var totalRows: Int?
    /// Octets of the source's pages, unpacked.
    package var sourceBytes: Int
    /// Pages so far.
    package var pages: Int
    /// Over the last seconds; nil before there are any.
    package var pagesPerSecond: Double?
    /// Until all rows are in the file, at the present rate.
    package var secondsLeft: Int?
    /// Octets that the export takes on the disk.
    package var diskBytes: Int

    package init(
        phase: ExportPhase, rows: Int, totalRows: Int? = nil, sourceBytes: Int = 0, pages: Int = 0,
        pagesPerSecond: Double? = nil, secondsLeft: Int? = nil, diskBytes: Int = 0
    ) {
        self.phase = phase
        self.rows = rows
        self.totalRows = totalRows
        self.sourceBytes = sourceBytes
        self.pages = pages
        self.pagesPerSecond = pagesPerSecond
        self.secondsLeft = secondsLeft
        self.diskBytes = diskBytes
    }
}

/// As the progress of a job: what has no place in that is in its note, as words that people can read, too.
extension ExportProgress {
    package var ofJob: JobProgress {
        var words = ["phase=\(phase.rawValue)", "pages=\(pages)", "bytes=\(sourceBytes)", "disk=\(diskBytes)"]
        if let pagesPerSecond { words.append("pages/s=\(Self.tenths(pagesPerSecond))") }
        if let secondsLeft { words.append("left=\(secondsLeft)s") }
        return JobProgress(done: rows, total: totalRows, note: words.joined(separator: " "))
    }

    /// Nil for progress without a note of this form.
    package init?(ofJob progress: JobProgress) {
        guard let note = progress.note else { return nil }
        var values: [Substring: Substring] = [:]
        for word in note.split(separator: " ") {
            let parts = word.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { values[parts[0]] = parts[1] }
        }
        guard let phase = values["phase"].flatMap({ ExportPhase(rawValue: String($0)) }) else { return nil }
        self.init(
            phase: phase, rows: progress.done, totalRows: progress.total,
            sourceBytes: values["bytes"].flatMap { Int($0) } ?? 0, pages: values["pages"].flatMap { Int($0) } ?? 0,
            pagesPerSecond: values["pages/s"].flatMap { Double($0) },
            secondsLeft: values["left"].flatMap { Int($0.dropLast()) },
            diskBytes: values["disk"].flatMap { Int($0) } ?? 0)
    }

    var contract: ExportRunning {
        ExportRunning(
            phase: phase.rawValue, pages: pages, sourceBytes: sourceBytes, diskBytes: diskBytes,
            pagesPerSecond: pagesPerSecond, secondsLeft: secondsLeft)
    }

    /// What it has beyond rows, as members of an object.
    func writeMembers(to writer: inout JSONWriter) {
        writer.key("phase")
        writer.string(phase.rawValue)
        for (name, number) in [("pages", pages), ("source_bytes", sourceBytes), ("disk_bytes", diskBytes)] {
            writer.key(name)
            writer.integer(number)
        }
        if let pagesPerSecond {
            writer.key("pages_per_second")
            writer.raw(Self.tenths(pagesPerSecond).utf8)
        }
        if let secondsLeft {
            writer.key("seconds_left")
            writer.integer(secondsLeft)
        }
    }

    /// A rate with one digit behind the point.
    static func tenths(_ rate: Double) -> String {
        let tenths = Int((rate * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
