import UnixSignals

/// Work in the foreground was ended by a signal from outside.
package struct Interruption: Error, CustomStringConvertible {
    let signal: UnixSignal

    package var description: String { "interrupted by \(signal)" }

    /// What a shell expects of a program that a signal ended.
    package var exitStatus: Int32 { 128 + signal.rawValue }

    /// Runs `work` until SIGINT or SIGTERM: it is cancelled then, and once it has ended this error is thrown, so that
    /// the caller can undo what was begun elsewhere.
    package static func ends<T: Sendable>(_ work: @escaping @Sendable () async throws -> T) async throws -> T {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        return try await withThrowingTaskGroup(of: T.self) { tasks in
            defer { tasks.cancelAll() }
            tasks.addTask { try await work() }
            tasks.addTask {
                for await signal in signals { throw Interruption(signal: signal) }
                throw CancellationError()
            }
            return try await tasks.next()!
        }
    }
}
