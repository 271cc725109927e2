import CScheduling
package import NIOCore

/// How long an event loop's thread runs before others have their turn.
///
/// A thread gets its share of the processors whatever its slice is; but one that wakes up is let in at once only before
/// threads with longer slices, else when theirs is over, which the kernel finds out at its next tick: up to 4 ms later.
/// So a loop that has a small call to answer waited for whoever carries megabytes (EEVDF, `sched_setattr(2)`; since
/// Linux 6.12, before that nothing changes).
package enum LoopSlice {
    /// The shortest the kernel takes.
    static let duration = TimeAmount.microseconds(100)

    /// Gives all threads of a group short slices.
    package static func shorten(_ group: any EventLoopGroup) {
        for loop in group.makeIterator() { shorten(loop) }
    }

    /// Gives the thread of a loop short slices.
    package static func shorten(_ eventLoop: any EventLoop) {
        eventLoop.execute { pailou_set_slice(UInt64(duration.nanoseconds)) }
    }

    /// That of the calling thread; nil where it cannot be set.
    package static var ofThisThread: TimeAmount? {
        let slice = pailou_slice()
        return slice == 0 ? nil : .nanoseconds(Int64(slice))
    }
}
