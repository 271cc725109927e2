import NIOCore
import Synchronization

/// Decides which calls of one method run, which wait for their turn and which are refused, over all connections.
///
/// Invariants: `running` ≤ `concurrentMax`; calls wait only while that many run.
package struct MethodQueue<Call> {
    package enum Decision: Equatable { case run, wait, refuse }

    private let concurrentMax: Int
    private let queuedMax: Int
    private var waiting: [Call] = []
    package private(set) var running = 0

    /// A method none of whose calls runs.
    package init(concurrentMax: Int, queuedMax: Int) {
        self.concurrentMax = concurrentMax
        self.queuedMax = queuedMax
    }

    package var waitingCount: Int { waiting.count }

    /// A call comes.
    package mutating func enter(_ call: Call) -> Decision {
        if running < concurrentMax {
            running += 1
            return .run
        }
        guard waiting.count < queuedMax else { return .refuse }
        waiting.append(call)
        return .wait
    }

    /// A running call has ended: the one that waited longest and takes its place.
    package mutating func leave() -> Call? {
        guard !waiting.isEmpty else {
            running -= 1
            return nil
        }
        return waiting.removeFirst()
    }

    /// A waiting call is not wanted any more.
    package mutating func remove(where matches: (Call) -> Bool) {
        if let index = waiting.firstIndex(where: matches) { waiting.remove(at: index) }
    }
}

/// The queue of one method, shared by the loops of a server. Methods without a bound have none.
final class MethodGate: Sendable {
    /// Where a call stands with it; known on the call's loop.
    enum Place { case none, waiting, holding }

    private let queue: Mutex<MethodQueue<RPCServerCall>>

    init?(_ options: RPCMethodOptions) {
        guard let concurrentMax = options.concurrentMax else { return nil }
        queue = Mutex(MethodQueue(concurrentMax: concurrentMax, queuedMax: options.queuedMax))
    }

    /// Lets a call in, or refuses it, or keeps it until another one leaves; `start` of its connection is called then.
    func enter(_ call: RPCServerCall) -> MethodQueue<RPCServerCall>.Decision {
        let decision = queue.withLock { $0.enter(call) }
        switch decision {
        case .run: call.place = .holding
        case .wait: call.place = .waiting
        case .refuse: break
        }
        return decision
    }

    /// A call that had come in is over; the next one has its turn.
    func leave(_ call: RPCServerCall) {
        let next = queue.withLock { queue -> RPCServerCall? in
            guard call.place == .waiting else { return queue.leave() }
            queue.remove { $0 === call }
            return nil
        }
        call.place = .none
        if let next { next.eventLoop.execute { self.start(next) } }
    }

    /// Its time may have passed while it waited, and it may have ended while the word of its turn was on its way.
    private func start(_ call: RPCServerCall) {
        guard call.place == .waiting else {
            // It left the queue twice: here, which gave it a place, and by ending, which gave none back.
            if let next = queue.withLock({ $0.leave() }) { next.eventLoop.execute { self.start(next) } }
            return
        }
        call.place = .holding
        if call.deadline <= call.eventLoop.now { return call.expired() }
        call.connection.startQueued(call)
    }
}
