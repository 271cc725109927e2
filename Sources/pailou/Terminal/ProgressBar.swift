/// Shows how far a job is: a bar that is drawn over on a terminal, a line a tenth elsewhere (a log, a pipe).
struct ProgressBar {
    /// Cells of the bar; with its figures it stays under 80 columns.
    private static let width = 40

    private let isTerminal: Bool
    private var lastTenth = -1
    private var isOpen = false

    init(isTerminal: Bool = StandardError.isTerminal) {
        self.isTerminal = isTerminal
    }

    /// The text to write now, empty if there is nothing new to say.
    mutating func advance(percent: Int, rows: Int, totalRows: Int) -> String {
        let percent = min(100, max(0, percent))
        if isTerminal {
            isOpen = true
            let filled = percent * Self.width / 100
            let bar = String(repeating: "█", count: filled) + String(repeating: "·", count: Self.width - filled)
            return "\r\(bar) \(percent)%  \(rows) / \(totalRows) rows"
        }
        guard percent / 10 > lastTenth else { return "" }
        lastTenth = percent / 10
        return "\(percent)%  \(rows) / \(totalRows) rows\n"
    }

    /// Ends the line of the bar.
    mutating func close() -> String {
        defer { isOpen = false }
        return isOpen ? "\n" : ""
    }
}
