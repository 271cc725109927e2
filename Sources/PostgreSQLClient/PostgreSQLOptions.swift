/// How connections are made and how many there are.
package struct PostgreSQLOptions: Sendable {
    /// A URI (`postgresql://user@host/database?sslmode=verify-full`) or libpq's `key=value` form; TLS (`sslmode`,
    /// `sslrootcert`, `sslcert`, `sslkey`), password files and several hosts are said there, as in every program on libpq.
    package var connection: String
    /// Where names without a schema are found; nil: as the server says. Services that share a database have one each.
    package var schema: StaticString?
    /// Shown by `pg_stat_activity`.
    package var applicationName = "pailou"
    /// For each host of the address. libpq takes whole seconds and makes 1 to 2.
    package var connectTimeout = Duration.seconds(5)
    /// What one statement, and all of one pipeline, may take before it is cancelled.
    package var statementTimeout = Duration.seconds(30)
    /// What a transaction may wait for its next statement before the server rolls it back: a machine that was cut off
    /// must not keep its rows locked.
    package var idleTransactionTimeout = Duration.seconds(10)
    /// Connections of one pool.
    package var connectionsMax = 8
    /// Callers that wait for a connection of one pool; more are refused.
    package var waitingMax = 10_000
    /// How long a caller waits for its turn.
    package var waitTimeout = Duration.seconds(10)
    /// A connection older than this is replaced between two uses.
    package var connectionAgeMax = Duration.seconds(30 * 60)
    /// Prepared statements a connection keeps; the one not used for longest goes first.
    package var preparedMax = 256

    /// The defaults.
    package init(connection: String) { self.connection = connection }
}
