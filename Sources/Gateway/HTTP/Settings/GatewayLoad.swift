import Synchronization

/// What the whole process has under way, counted over all loops, against the limits.
final class GatewayLoad: Sendable {
    private let connections = Atomic(0)
    private let calls = Atomic(0)
    private let bytes = Atomic(0)
    let limits: HTTPLimits

    init(limits: HTTPLimits) {
        self.limits = limits
    }

    /// Takes a place for a connection; false when all are taken, and then nothing is to be given back.
    func takeConnection() -> Bool { take(1, of: connections, upTo: limits.connectionsMax) }

    func giveBackConnection() { connections.subtract(1, ordering: .relaxed) }

    /// Takes a place for a call.
    func takeCall() -> Bool { take(1, of: calls, upTo: limits.callsMax) }

    func giveBackCall() { calls.subtract(1, ordering: .relaxed) }

    /// Takes room for octets of a body.
    func takeBytes(_ count: Int) -> Bool { take(count, of: bytes, upTo: limits.inFlightBytesMax) }

    /// Counts octets that are here already, such as a large answer: they cannot be refused, but the next body can.
    func countBytes(_ count: Int) { bytes.add(count, ordering: .relaxed) }

    func giveBackBytes(_ count: Int) { bytes.subtract(count, ordering: .relaxed) }

    /// Calls under way, for metrics and tests.
    var callCount: Int { calls.load(ordering: .relaxed) }

    /// Octets held, for metrics and tests.
    var byteCount: Int { bytes.load(ordering: .relaxed) }

    /// Connections open, for metrics and tests.
    var connectionCount: Int { connections.load(ordering: .relaxed) }

    private func take(_ amount: Int, of counter: borrowing Atomic<Int>, upTo limit: Int) -> Bool {
        let (_, new) = counter.add(amount, ordering: .relaxed)
        if new <= limit { return true }
        counter.subtract(amount, ordering: .relaxed)
        return false
    }
}
