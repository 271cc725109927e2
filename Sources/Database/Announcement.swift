/// What processes on one store hear of each other.
package enum Announcement: Hashable, Sendable {
    /// Hearing from now on; what was said before, or while the connection was lost, was missed.
    case listening
    /// What somebody said, oneself included.
    case heard(String)
}

/// Hears announcements until it is closed or let go of.
package protocol AnnouncementListener: Sendable {
    func close() async
}
