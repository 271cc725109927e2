import BlockingThreads

/// A bounded number of connections for asynchronous callers, each with a thread of its own.
///
/// A caller's closure runs on one connection's thread and may block it. Callers are served in the order they came.
/// Connections are made when they are first needed, replaced when they are old or lost, and closed by `close`.
package final class PostgreSQLPool: Sendable {
    private let calls: Inbox<any PoolCall>
    private let threads: [BlockingThread]
    private let waitTimeout: Duration

    package init(_ options: PostgreSQLOptions) {
        let calls = Inbox<any PoolCall>(capacity: options.waitingMax)
        self.calls = calls
        waitTimeout = options.waitTimeout
        threads = (0..<max(1, options.connectionsMax)).map { _ in
            BlockingThread(name: "postgresql") {
                var worker = PoolWorker(options)
                while let next = calls.take(max: 1) { worker.serve(next[0]) }
            }
        }
    }

    deinit { calls.close() }

    /// Runs `body` with a connection of its own.
    ///
    /// A transaction that `body` leaves open is rolled back, by giving up the connection.
    ///
    /// - Parameter isCancellable: Cancelling the caller's task cancels the statement under way, on the server too, and
    ///   `CancellationError` is thrown unless all was done already. Otherwise a cancelled task still gets the true outcome.
    package func run<Answer: Sendable>(
        isCancellable: Bool = false, _ body: @escaping @Sendable (PostgreSQLConnection) throws -> Answer
    ) async throws -> Answer {
        guard isCancellable else { return try await wait(body, nil) }
        let interest = CallerInterest()
        return try await withTaskCancellationHandler {
            try await wait(body, interest)
        } onCancel: {
            interest.leaves()
        }
    }

    private func wait<Answer: Sendable>(
        _ body: @escaping @Sendable (PostgreSQLConnection) throws -> Answer, _ interest: CallerInterest?
    ) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            let call = WaitingCall(
                deadline: .now + waitTimeout, body: body, interest: interest, continuation: continuation)
            do throws(Inbox<any PoolCall>.Refusal) {
                try calls.put(call)
            } catch {
                call.fail(Self.refusal(error))
            }
        }
    }

    /// Callers that wait for a connection at this moment.
    package var waitingCount: Int { calls.waitingCount }

    /// Lets what was accepted finish, then closes all connections.
    package func close() async {
        calls.close()
        for thread in threads { await thread.ended() }
    }

    private static func refusal(_ refusal: Inbox<any PoolCall>.Refusal) -> PostgreSQLError {
        switch refusal {
        case .full: PostgreSQLError(.overloaded, "expected room for another caller, found the queue full")
        case .closed: PostgreSQLError(.closed, "the pool has been closed")
        }
    }
}

/// A caller that waits for a connection.
protocol PoolCall: Sendable {
    var deadline: ContinuousClock.Instant { get }
    func run(on connection: PostgreSQLConnection)
    func fail(_ error: any Error)
}

/// Invariant: resumed exactly once, by `run` or `fail`.
private struct WaitingCall<Answer: Sendable>: PoolCall {
    let deadline: ContinuousClock.Instant
    let body: @Sendable (PostgreSQLConnection) throws -> Answer
    /// Of a caller that may go away.
    let interest: CallerInterest?
    let continuation: CheckedContinuation<Answer, any Error>

    func run(on connection: PostgreSQLConnection) {
        if let interest, !interest.begins(on: connection.canceller) { return fail(CancellationError()) }
        let outcome = Result { try body(connection) }
        let isGone = interest?.ends() ?? false
        if isGone, case .failure = outcome { return fail(CancellationError()) }
        continuation.resume(with: outcome)
    }

    func fail(_ error: any Error) { continuation.resume(throwing: error) }
}

/// One thread's connection.
struct PoolWorker {
    private let options: PostgreSQLOptions
    private var connection: PostgreSQLConnection?

    init(_ options: PostgreSQLOptions) { self.options = options }

    mutating func serve(_ call: any PoolCall) {
        guard call.deadline > .now else {
            return call.fail(
                PostgreSQLError(.waitedTooLong, "expected a free connection within \(options.waitTimeout), found none"))
        }
        do throws(PostgreSQLError) {
            let connection = try usableConnection()
            call.run(on: connection)
            if connection.transaction != .none { connection.abandon() }
        } catch {
            call.fail(error)
        }
    }

    private mutating func usableConnection() throws(PostgreSQLError) -> PostgreSQLConnection {
        if let connection, connection.isUsable, connection.openedAt + options.connectionAgeMax > .now {
            return connection
        }
        connection = nil
        let made = try PostgreSQLConnection(options)
        connection = made
        return made
    }
}
