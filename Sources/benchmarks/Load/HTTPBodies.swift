import Synchronization

/// Sends one large body after the other over one HTTP connection, until it is told to stop.
final class HTTPBodies: Sendable {
    private let isStopped = Atomic(false)

    func stop() { isStopped.store(true, ordering: .relaxed) }

    /// Blocks its thread; answers how many bodies a second were taken.
    @concurrent
    func run(_ body: [UInt8], to path: String, at address: String) async throws -> Double {
        let connection = try BlockingHTTP(address)
        var count = 0
        let time = try seconds {
            while !isStopped.load(ordering: .relaxed) {
                _ = try connection.post(body, to: path)
                count += 1
            }
        }
        return Double(count) / time
    }
}
