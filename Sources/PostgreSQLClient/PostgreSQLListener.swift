import BlockingThreads
import CPostgreSQL
import Glibc
import Synchronization

/// What somebody said with NOTIFY.
package struct PostgreSQLNotification: Hashable, Sendable {
    package let channel: String
    package let payload: String

    package init(channel: String, payload: String) {
        self.channel = channel
        self.payload = payload
    }
}

/// Hears NOTIFY on a connection of its own, and makes another one when it is lost.
package final class PostgreSQLListener: Sendable {
    package enum Event: Sendable {
        /// Listening from now on; what was said before, or while the connection was lost, has not been heard.
        case listening
        case notification(PostgreSQLNotification)
        /// The connection is lost or could not be made; another attempt follows.
        case lost(PostgreSQLError)
    }

    /// Without a word from the server for so long, it is asked whether it is there.
    private static let silenceMax = Duration.seconds(10)

    private let stop = StopDescriptor()
    private let thread: BlockingThread

    /// - Parameters:
    ///   - channels: Quoted as identifiers: any text.
    ///   - hear: Called on the listener's thread; should only ring a bell.
    package init(
        _ options: PostgreSQLOptions, channels: [String], hear: @escaping @Sendable (Event) -> Void
    ) {
        thread = BlockingThread(name: "postgresql-listen") { [stop] in
            var delay = ReconnectDelay()
            while !stop.isSet {
                do throws(PostgreSQLError) {
                    let connection = try PostgreSQLConnection(options)
                    for channel in channels {
                        try connection.run(PostgreSQLStatement("LISTEN \(Self.quoted(channel))"))
                    }
                    delay = ReconnectDelay()
                    hear(.listening)
                    try Self.listen(on: connection, stop, hear)
                } catch {
                    hear(.lost(error))
                    stop.wait(atMost: delay.next())
                }
            }
        }
    }

    /// Ends the thread; returns when it has ended.
    package func close() async {
        stop.set()
        await thread.ended()
    }

    private static func listen(
        on connection: PostgreSQLConnection, _ stop: StopDescriptor, _ hear: (Event) -> Void
    ) throws(PostgreSQLError) {
        while !stop.isSet {
            for notification in connection.notifications() { hear(.notification(notification)) }
            var entries = [
                pollfd(fd: PQsocket(connection.handle), events: Int16(POLLIN), revents: 0),
                pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            switch poll(&entries, 2, Int32(silenceMax.milliseconds)) {
            case 0: try connection.run(PostgreSQLStatement("SELECT 1"))
            case 1...:
                if entries[0].revents != 0, PQconsumeInput(connection.handle) == 0 { throw connection.lost() }
            default:
                if errno != EINTR { throw connection.lost() }
            }
        }
    }

    private static func quoted(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}

/// A flag that a thread asleep in `poll` notices.
final class StopDescriptor: Sendable {
    /// Becomes readable when the flag is set.
    let descriptor: Int32
    private let sender: Int32
    private let flag = Atomic(false)

    init() {
        var ends: [Int32] = [-1, -1]
        // Fails only without free descriptors; the flag is then noticed after the next silence.
        pipe(&ends)
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (descriptor, sender) = (ends[0], ends[1])
    }

    deinit {
        close(descriptor)
        close(sender)
    }

    var isSet: Bool { flag.load(ordering: .acquiring) }

    func set() {
        flag.store(true, ordering: .releasing)
        write(sender, [1], 1)
    }

    /// Takes the flag back. On one thread, while no other sets it.
    func clear() {
        flag.store(false, ordering: .releasing)
        var octets: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0]
        while read(descriptor, &octets, octets.count) > 0 {}
    }

    func wait(atMost duration: Duration) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        poll(&entry, 1, Int32(duration.milliseconds))
    }
}
