import CPostgreSQL

/// Ends the statement that a connection waits for, or else the next one; may be rung from any thread, at any time.
///
/// It only rings: the connection's own thread, asleep until the answer comes, asks the server to cancel. So the request
/// never meets a later statement of somebody else: libpq returns from it when the server has told its process, and until
/// then nothing else is sent. https://www.postgresql.org/docs/15/libpq-cancel.html
package final class PostgreSQLCanceller: Sendable {
    private let bell = StopDescriptor()

    /// The statement fails as `cancelled`, unless it was done already; the connection goes on.
    package func cancel() { bell.set() }

    /// Readable once it has been rung.
    var descriptor: Int32 { bell.descriptor }

    /// Forgets that it was rung.
    func reset() { bell.clear() }

    /// Asks the server, on a connection of its own, which is never encrypted and carries the process's number and key.
    /// Blocks up to `tcp_user_timeout`. What cannot be asked is asked again (`Pipeline`).
    static func ask(_ handle: OpaquePointer) {
        guard let request = PQgetCancel(handle) else { return }
        defer { PQfreeCancel(request) }
        var failure = [CChar](repeating: 0, count: 256)
        _ = PQcancel(request, &failure, Int32(failure.count))
    }
}
