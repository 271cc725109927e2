import NIOCore
import RPC
import Synchronization
import TestSupport

/// A method that waits at a gate, and remembers what happened to its calls.
final class Doors: Sendable {
    let gate = Gate()
    private let counts = Mutex((begun: 0, ended: 0, cancelled: 0))

    var begun: Int { counts.withLock { $0.begun } }
    var ended: Int { counts.withLock { $0.ended } }
    var cancelled: Int { counts.withLock { $0.cancelled } }

    /// Offers `wait`, which answers true when the gate has opened.
    func register(_ methods: inout RPCMethods, options: RPCMethodOptions = .init()) {
        methods.register("wait", options: options, raw: { _ in try await self.wait() })
        methods.register("echo", raw: { $0.params ?? ByteBuffer(string: "null") })
    }

    private func wait() async throws -> ByteBuffer {
        counts.withLock { $0.begun += 1 }
        await gate.wait()
        counts.withLock {
            $0.ended += 1
            if Task.isCancelled { $0.cancelled += 1 }
        }
        try Task.checkCancellation()
        return ByteBuffer(string: "true")
    }
}
