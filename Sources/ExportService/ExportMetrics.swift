import Metrics
import ServiceContracts

/// What the service counts, for `/metrics`.
enum ExportMetrics {
    /// An export has ended; counted by its status.
    static func ended(_ status: ExportStatus) {
        Counter(label: "export_ended_total", dimensions: [("status", "\(status)")]).increment()
    }

    /// A file is complete.
    static func wrote(_ file: FinishedFile) {
        Counter(label: "export_rows_total").increment(by: file.rows)
        Counter(label: "export_file_bytes_total").increment(by: file.bytes)
        if file.warnings > 0 { Counter(label: "export_changed_cells_total").increment(by: file.warnings) }
    }

    /// An export keeps no more fetched pages, because the disk failed.
    static func journalFailed() {
        Counter(label: "export_journal_failures_total").increment()
    }

    /// A page has to be fetched again.
    static func retried() {
        Counter(label: "export_page_retries_total").increment()
    }
}
