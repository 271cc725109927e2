import Database

/// The number of a job in its store; never used again, also after retention has removed the job.
package struct JobID: Hashable, Comparable, Sendable, RawRepresentable, DatabaseValueConvertible,
    CustomStringConvertible
{
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
    package static func < (lhs: JobID, rhs: JobID) -> Bool { lhs.rawValue < rhs.rawValue }
    package var description: String { String(rawValue) }
}

/// Which execution of a job may write: it grows with every claim and whenever an execution loses its right.
///
/// Every write of a worker names job and fence; another number in the row means that somebody else owns the job now.
package struct JobFence: Hashable, Comparable, Sendable, RawRepresentable, DatabaseValueConvertible {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
    package static func < (lhs: JobFence, rhs: JobFence) -> Bool { lhs.rawValue < rhs.rawValue }
    var next: JobFence { JobFence(rawValue: rawValue + 1) }
}
