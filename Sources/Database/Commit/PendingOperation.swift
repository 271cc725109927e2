import Synchronization

/// An operation that waits for its thread, whatever it answers.
package protocol PendingOperation: AnyObject, Sendable {
    var admission: WriteAdmission { get }

    /// Runs the caller's closure and keeps its answer; a second run replaces the first answer.
    func run(in transaction: any Transaction) throws

    /// Resumes the caller with the kept answer.
    func succeed()

    /// Resumes the caller with an error.
    func fail(_ error: any Error)
}

/// One caller of `read` or `write`, suspended until its operation is decided.
///
/// Invariant: resumed exactly once, by `succeed` or `fail`; both are called by one thread only.
package final class Pending<Answer: Sendable>: PendingOperation {
    package let admission: WriteAdmission
    private let body: @Sendable (any Transaction) throws -> Answer
    private let continuation: CheckedContinuation<Answer, any Error>
    private let answer = Mutex<Answer?>(nil)

    package init(
        admission: WriteAdmission,
        body: @escaping @Sendable (any Transaction) throws -> Answer,
        continuation: CheckedContinuation<Answer, any Error>
    ) {
        self.admission = admission
        self.body = body
        self.continuation = continuation
    }

    package func run(in transaction: any Transaction) throws {
        let value = try body(transaction)
        answer.withLock { $0 = value }
    }

    package func succeed() {
        if let value = answer.withLock({ $0 }) {
            continuation.resume(returning: value)
        } else {
            continuation.resume(throwing: DatabaseError(.misuse, "expected an answer before success was reported"))
        }
    }

    package func fail(_ error: any Error) { continuation.resume(throwing: error) }
}
