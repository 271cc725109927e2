import JobQueue
import Metrics
import Synchronization

/// What exports under way take on the disk, all together: journals and files, shown as a gauge.
final class DiskUse: Sendable {
    private let bytes = Mutex<[JobID: Int]>([:])
    private let gauge = Gauge(label: "export_disk_bytes")

    init() { gauge.record(0) }

    /// Of all of them.
    var total: Int { bytes.withLock { $0.values.reduce(0, +) } }

    /// What one takes now; nil once it takes nothing any more, or is another process's.
    func note(_ job: JobID, _ octets: Int?) {
        // Recorded inside: of two at once the later sum must stay.
        bytes.withLock { bytes in
            bytes[job] = octets
            gauge.record(bytes.values.reduce(0, +))
        }
    }
}
