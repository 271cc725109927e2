import Foundation
import JSONBytes

/// How far an export is, as its events say.
struct ExportReport {
    var percent = 0
    var rows = 0
    /// Nil as long as the source has not said.
    var totalRows: Int?
    /// What it does, how much has come, how fast, and how long it will take; empty when nothing is known.
    var details = ""

    /// Nothing yet.
    init() {}

    /// Reads a progress event.
    init(_ event: JSONValue) {
        percent = min(100, max(0, event["progress"]?.integer ?? 0))
        rows = event["rows"]?.integer ?? 0
        totalRows = event["total_rows"]?.integer
        var words: [String] = []
        if let phase = event["phase"]?.string { words.append(phase) }
        if let bytes = event["source_bytes"]?.integer, bytes > 0 {
            words.append(String(format: "%.1f MB", Double(bytes) / 1e6))
        }
        if let rate = event["pages_per_second"]?.double { words.append(String(format: "%.1f pages/s", rate)) }
        if let seconds = event["seconds_left"]?.integer { words.append("\(seconds) s left") }
        details = words.joined(separator: ", ")
    }

    /// `1200 / 5000 rows`, or without the second when it is not known.
    var counts: String { totalRows.map { "\(rows) / \($0) rows" } ?? "\(rows) rows" }
}

/// Shows how far a job is: a bar that is drawn over on a terminal, a line a tenth elsewhere (a log, a pipe).
struct ProgressBar {
    /// Cells of the bar; with its counts it stays under 80 columns, and the details go as far as the terminal does.
    private static let width = 24
    /// Erases what a longer line has left.
    private static let clearToEnd = "\u{1B}[K"

    private let isTerminal: Bool
    private var lastTenth = -1
    private var isOpen = false

    init(isTerminal: Bool = StandardError.isTerminal) {
        self.isTerminal = isTerminal
    }

    /// The text to write now, empty if there is nothing new to say.
    mutating func advance(_ report: ExportReport) -> String {
        let details = report.details.isEmpty ? "" : "  \(report.details)"
        if isTerminal {
            isOpen = true
            let filled = report.percent * Self.width / 100
            let bar = String(repeating: "█", count: filled) + String(repeating: "·", count: Self.width - filled)
            return "\r\(bar) \(report.percent)%  \(report.counts)\(details)\(Self.clearToEnd)"
        }
        guard report.percent / 10 > lastTenth else { return "" }
        lastTenth = report.percent / 10
        return "\(report.percent)%  \(report.counts)\(details)\n"
    }

    /// Ends the line of the bar.
    mutating func close() -> String {
        defer { isOpen = false }
        return isOpen ? "\n" : ""
    }
}
