package import JobQueue
package import ServiceContracts

extension ExportStatus {
    /// The public word of a job's state; a cancel that has been answered counts as done.
    package init(_ state: JobState) {
        switch state {
        case .blocked, .scheduled, .ready, .running: self = .processing
        case .succeeded: self = .succeeded
        case .failed: self = .failed
        case .cancelling, .cancelled: self = .cancelled
        }
    }
}
