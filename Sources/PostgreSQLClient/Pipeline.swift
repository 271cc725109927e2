import CPostgreSQL
import Glibc

/// What was sent and has to be answered, in order.
///
/// Invariant: every message sent has one entry here, and the answers come in the order of the entries; a failure turns
/// all later answers, up to the synchronization at the end, into "aborted".
struct Pipeline {
    enum Sent {
        case deallocation
        case preparation(PreparedStatements.Key)
        case execution(PreparedStatements.Key)
    }

    private let deadline: ContinuousClock.Instant
    private var sent: [Sent] = []
    /// Where the first failure was.
    private var failedAt: Int?
    /// Set once the caller wants no answer: when the server is asked, once more, to cancel. It overhears what comes
    /// between two statements.
    private var nextCancel: ContinuousClock.Instant?

    private static let cancelInterval = Duration.seconds(1)

    init(deadline: ContinuousClock.Instant) { self.deadline = deadline }

    var isEmpty: Bool { sent.isEmpty }

    mutating func sent(_ message: Sent) { sent.append(message) }

    /// Statements that the server has not prepared, because this call failed; also those it prepared for tables that
    /// have changed since (`0A000`) or does not know any more (`26000`).
    func unprepared(after error: PostgreSQLError) -> [PreparedStatements.Key] {
        guard let failedAt else { return [] }
        var keys: [PreparedStatements.Key] = []
        for message in sent[failedAt...] {
            if case .preparation(let key) = message { keys.append(key) }
        }
        if error.sqlState == "0A000" || error.sqlState == "26000", case .execution(let key) = sent[failedAt] {
            keys.append(key)
        }
        return keys
    }

    /// Reads all answers up to the synchronization.
    mutating func receive(from connection: PostgreSQLConnection) throws(PostgreSQLError) -> [PostgreSQLResult] {
        var results: [PostgreSQLResult] = []
        var failure: PostgreSQLError?
        for (index, message) in sent.enumerated() {
            do {
                let result = try answer(connection)
                if case .execution = message { results.append(result) }
            } catch {
                guard connection.isUsable else { throw error }
                if failure == nil { (failure, failedAt) = (error, index) }
            }
        }
        try synchronize(connection)
        if let failure { throw failure }
        return results
    }

    /// Reads the rows of the one statement sent, then the synchronization.
    mutating func receiveRows(
        from connection: PostgreSQLConnection, _ body: ([String], [PostgreSQLValue]) throws -> Bool
    ) throws {
        var failure: (any Error)?
        var wantsMore = true
        while let result = try next(connection) {
            defer { PQclear(result) }
            do {
                try check(result, connection)
                let rows = try PostgreSQLResult(result)
                for row in rows.rows where wantsMore { wantsMore = try body(rows.columns, row) }
            } catch {
                (failure, wantsMore) = (failure ?? error, false)
            }
        }
        try synchronize(connection)
        if let failure { throw failure }
    }

    /// One message's answer, and the null that ends it.
    private mutating func answer(_ connection: PostgreSQLConnection) throws(PostgreSQLError) -> PostgreSQLResult {
        guard let result = try next(connection) else { throw connection.lost() }
        defer { PQclear(result) }
        while let further = try next(connection) { PQclear(further) }
        try check(result, connection)
        return try PostgreSQLResult(result)
    }

    private mutating func synchronize(_ connection: PostgreSQLConnection) throws(PostgreSQLError) {
        guard let result = try next(connection) else { throw connection.lost() }
        defer { PQclear(result) }
        if PQresultStatus(result) != PGRES_PIPELINE_SYNC { throw connection.lost() }
    }

    /// The next result, or nil at the end of a message's results.
    private mutating func next(_ connection: PostgreSQLConnection) throws(PostgreSQLError) -> OpaquePointer? {
        while PQisBusy(connection.handle) == 1 { try wait(connection) }
        return PQgetResult(connection.handle)
    }

    /// Sleeps until the socket has something for us, sending what is left meanwhile.
    private mutating func wait(_ connection: PostgreSQLConnection) throws(PostgreSQLError) {
        let unsent = PQflush(connection.handle)
        if unsent < 0 { throw connection.lost() }
        let events = unsent == 1 ? POLLIN | POLLOUT : POLLIN
        let bell = nextCancel == nil ? connection.canceller.descriptor : -1
        switch try SocketWait.until(
            min(deadline, nextCancel ?? deadline), PQsocket(connection.handle), Int16(events), bell)
        {
        case .ready:
            if PQconsumeInput(connection.handle) == 0 { throw connection.lost() }
        case .rung:
            connection.canceller.reset()
            cancel(connection)
        case .late where ContinuousClock.now < deadline: cancel(connection)
        case .late:
            connection.abandon()
            throw PostgreSQLError(.connectionLost, "the server did not answer in time")
        }
    }

    private mutating func cancel(_ connection: PostgreSQLConnection) {
        PostgreSQLCanceller.ask(connection.handle)
        nextCancel = .now + Self.cancelInterval
    }

    private func check(_ result: OpaquePointer, _ connection: PostgreSQLConnection) throws(PostgreSQLError) {
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE, PGRES_EMPTY_QUERY: return
        case PGRES_PIPELINE_ABORTED:
            throw PostgreSQLError(.statement, "an earlier statement of the same call failed", sqlState: "25P02")
        default: throw PostgreSQLError(result, connection, wasCancelled: nextCancel != nil)
        }
    }
}

extension PostgreSQLError {
    /// The server's own words.
    fileprivate init(_ result: OpaquePointer, _ connection: PostgreSQLConnection, wasCancelled: Bool) {
        let state = PQresultErrorField(result, cpostgresql_diag_sqlstate).map { String(cString: $0) }
        let message = PQresultErrorField(result, cpostgresql_diag_message).map { String(cString: $0) }
        guard let state else {
            // Made by the library itself: the connection broke in the middle.
            connection.abandon()
            self.init(.connectionLost, LibraryMessage.of(connection.handle))
            return
        }
        // 57014 query_canceled; 57P01…57P03 the server goes down: its connection does as well.
        if state.hasPrefix("57P") { connection.abandon() }
        let stopped: Kind = wasCancelled ? .cancelled : .timeout
        let kind: Kind = state == "57014" ? stopped : state.hasPrefix("57P") ? .connectionLost : .statement
        self.init(kind, message ?? "no message", sqlState: state)
    }
}

/// Waiting for a socket, without busy loops and without end.
enum SocketWait {
    enum End { case ready, rung, late }

    /// - Parameter bell: Ends the wait when it becomes readable; -1: there is none.
    static func until(
        _ deadline: ContinuousClock.Instant, _ socket: Int32, _ events: Int16, _ bell: Int32
    ) throws(PostgreSQLError) -> End {
        var entries = [
            pollfd(fd: socket, events: events, revents: 0), pollfd(fd: bell, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            let left = ContinuousClock.now.duration(to: deadline).milliseconds
            if left <= 0 { return .late }
            let count = poll(&entries, 2, Int32(min(left, 60_000)))
            if count > 0 { return entries[0].revents != 0 ? .ready : .rung }
            if count < 0, errno != EINTR {
                throw PostgreSQLError(.connectionLost, "waiting for the server failed: errno \(errno)")
            }
        }
    }
}
