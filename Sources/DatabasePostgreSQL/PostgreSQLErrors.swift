import BlockingThreads
import Database
import PostgreSQLClient

extension DatabaseError {
    /// The client's error in the seam's words.
    init(_ error: PostgreSQLError) {
        self.init(Self.kind(of: error), error.description)
    }

    init(_ refusal: Inbox<any PendingOperation>.Refusal) {
        switch refusal {
        case .full: self.init(.overloaded, "expected room for another operation, found the queue full")
        case .closed: self.init(.closed, "the store has been closed")
        }
    }

    private static func kind(of error: PostgreSQLError) -> Kind {
        switch error.kind {
        case .notConnected, .connectionLost, .waitedTooLong: .unreachable
        case .timeout, .cancelled: .busy
        case .overloaded: .overloaded
        case .closed: .closed
        case .decoding: .decoding
        case .statement: kind(ofState: error.sqlState ?? "")
        }
    }

    /// https://www.postgresql.org/docs/15/errcodes-appendix.html
    private static func kind(ofState state: String) -> Kind {
        switch state {
        case "23505": .constraint(.unique)
        case "23503": .constraint(.foreignKey)
        case "23502": .constraint(.notNull)
        case "23514": .constraint(.check)
        case "40001", "40P01": .conflict
        case "25P02": .rolledBack
        case "53100": .full
        case "55P03": .busy
        case "58030": .io
        case "XX001", "XX002": .corrupt
        default: kind(ofClass: state.prefix(2))
        }
    }

    private static func kind(ofClass state: Substring) -> Kind {
        switch state {
        case "23": .constraint(.other)
        case "53": .busy
        default: .misuse
        }
    }
}

/// Runs a call of the client and answers in the seam's errors.
func translatingErrors<T>(_ body: () throws -> T) throws -> T {
    do {
        return try body()
    } catch let error as PostgreSQLError {
        throw DatabaseError(error)
    }
}
