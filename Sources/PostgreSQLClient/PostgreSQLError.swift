/// Why a statement was not carried out.
package struct PostgreSQLError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        /// The server refused the statement; `sqlState` says why, the connection goes on.
        case statement
        /// No connection could be made. Nothing has happened.
        case notConnected
        /// The connection broke: what was under way may have happened or not.
        case connectionLost
        /// The statement took longer than `statementTimeout` and was cancelled.
        case timeout
        /// Nobody waited for the statement any more, and the server ended it (`PostgreSQLCanceller`).
        case cancelled
        /// More callers wait than `waitingMax`. Shed load and try later.
        case overloaded
        /// No connection became free within `waitTimeout`.
        case waitedTooLong
        /// The pool has been closed.
        case closed
        /// A column holds a type that has no Swift counterpart here: cast it in the statement.
        case decoding
    }

    package let kind: Kind
    /// A lower-case sentence without bound values; the server's own words for `statement`.
    package let message: String
    /// Five characters, https://www.postgresql.org/docs/15/errcodes-appendix.html; nil if the server said none.
    package let sqlState: String?

    package init(_ kind: Kind, _ message: String, sqlState: String? = nil) {
        self.kind = kind
        self.message = message
        self.sqlState = sqlState
    }

    package var description: String {
        guard let sqlState else { return message }
        return "\(message) (SQLSTATE \(sqlState))"
    }
}

extension PostgreSQLError {
    /// Whether the same transaction may succeed when it is run again: a deadlock, or a conflict of isolation.
    package var isTransient: Bool { sqlState == "40001" || sqlState == "40P01" }
}
