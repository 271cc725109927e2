import CPostgreSQL

/// One connection to a server. Belongs to one thread and blocks it.
///
/// It is always in pipeline mode: what is sent together costs one round trip, including the preparation of statements
/// not seen before. A statement that fails takes those behind it, up to the end of the same call, with it.
package final class PostgreSQLConnection {
    let handle: OpaquePointer
    private let options: PostgreSQLOptions
    private var prepared: PreparedStatements
    let openedAt = ContinuousClock.now
    /// Ends the statement under way, from any thread.
    package let canceller = PostgreSQLCanceller()

    /// Connects; blocks up to `connectTimeout` for each host of the address.
    package init(_ options: PostgreSQLOptions) throws(PostgreSQLError) {
        handle = try ConnectionAttempt(options).make()
        self.options = options
        prepared = PreparedStatements(capacity: options.preparedMax)
    }

    deinit { PQfinish(handle) }

    /// False once the connection is lost; it does not come back.
    package var isUsable: Bool { PQstatus(handle) == CONNECTION_OK && !isAbandoned }

    /// Whether a transaction is open, and whether it can still be committed.
    package var transaction: PostgreSQLTransactionState { .init(PQtransactionStatus(handle)) }

    /// The number of the server's process, as `pg_stat_activity.pid`.
    package var serverProcessID: Int32 { PQbackendPID(handle) }

    /// The server's version, 150004 for 15.4.
    package var serverVersion: Int32 { PQserverVersion(handle) }

    /// Runs one statement.
    @discardableResult
    package func run(_ statement: PostgreSQLStatement) throws(PostgreSQLError) -> PostgreSQLResult {
        try run([statement])[0]
    }

    /// Runs several statements in one round trip, in order.
    ///
    /// - Throws: The first failure. Outside a transaction the statements of one call are one: none of them remains.
    @discardableResult
    package func run(_ statements: [PostgreSQLStatement]) throws(PostgreSQLError) -> [PostgreSQLResult] {
        var pipeline = Pipeline(deadline: deadline)
        do {
            for statement in statements { try send(statement, in: &pipeline) }
            try send(PQpipelineSync(handle))
            return try pipeline.receive(from: self)
        } catch {
            for key in pipeline.unprepared(after: error) { prepared.forget(key) }
            throw error
        }
    }

    /// Row after row without holding them all; answering false stops, and what remains is read and dropped.
    package func forEachRow(
        _ statement: PostgreSQLStatement, _ body: (_ columns: [String], [PostgreSQLValue]) throws -> Bool
    ) throws {
        try prepare(statement)
        var pipeline = Pipeline(deadline: deadline)
        try send(statement, in: &pipeline)
        // Must follow the sending at once: https://www.postgresql.org/docs/15/libpq-single-row-mode.html
        try send(PQsetSingleRowMode(handle))
        try send(PQpipelineSync(handle))
        try pipeline.receiveRows(from: self, body)
    }

    /// What was notified since the last call, on channels this connection listens to.
    func notifications() -> [PostgreSQLNotification] {
        var found: [PostgreSQLNotification] = []
        while let next = PQnotifies(handle) {
            found.append(
                PostgreSQLNotification(
                    channel: String(cString: next.pointee.relname), payload: String(cString: next.pointee.extra)))
            PQfreemem(next)
        }
        return found
    }

    /// Gives up: the octets that follow have no known place any more.
    func abandon() { isAbandoned = true }

    private var isAbandoned = false

    /// The server cancels a statement by itself; beyond that time nobody is there.
    private var deadline: ContinuousClock.Instant { .now + options.statementTimeout + .seconds(5) }

    private func prepare(_ statement: PostgreSQLStatement) throws(PostgreSQLError) {
        var pipeline = Pipeline(deadline: deadline)
        _ = try preparedName(of: statement, in: &pipeline)
        if pipeline.isEmpty { return }
        do {
            try send(PQpipelineSync(handle))
            _ = try pipeline.receive(from: self)
        } catch {
            prepared.forget(statement.key)
            throw error
        }
    }

    private func send(_ statement: PostgreSQLStatement, in pipeline: inout Pipeline) throws(PostgreSQLError) {
        let name = try preparedName(of: statement, in: &pipeline)
        try send(BoundParameters(statement.parameters).send(name, on: handle))
        pipeline.sent(.execution(statement.key))
    }

    private func preparedName(
        of statement: PostgreSQLStatement, in pipeline: inout Pipeline
    ) throws(PostgreSQLError) -> String {
        switch prepared.use(statement.key) {
        case .ready(let name): return name
        case .prepare(let name, let evicted):
            if let evicted {
                try send(PQsendQueryParams(handle, "DEALLOCATE \(evicted)", 0, nil, nil, nil, nil, 1))
                pipeline.sent(.deallocation)
            }
            let types = statement.key.types
            try send(PQsendPrepare(handle, name, statement.text, Int32(types.count), types))
            pipeline.sent(.preparation(statement.key))
            return name
        }
    }

    private func send(_ status: Int32) throws(PostgreSQLError) {
        if status == 1 { return }
        throw lost()
    }

    func lost() -> PostgreSQLError {
        abandon()
        return PostgreSQLError(.connectionLost, LibraryMessage.of(handle))
    }
}

/// Whether a connection is inside a transaction.
package enum PostgreSQLTransactionState: Hashable, Sendable {
    case none
    case open
    /// A statement failed: only ROLLBACK, or ROLLBACK TO a savepoint, is understood.
    case failed
    case unknown

    init(_ status: PGTransactionStatusType) {
        switch status {
        case PQTRANS_IDLE: self = .none
        case PQTRANS_INTRANS: self = .open
        case PQTRANS_INERROR: self = .failed
        default: self = .unknown
        }
    }
}
