public import Logging
public import NIOCore

/// Calls one service, whichever of its replicas serves, from one event loop, with callbacks.
///
/// Each call goes to the less loaded of two replicas drawn at random, on the connection of its lane. A replica that is
/// lost, stops or fails too often is given none until it says by `rpc.health` that it serves; when none serves all are
/// tried. Failed calls are sent again as `RPCRetryPolicy` says. Nothing waits longer than connecting and hello take, and
/// then as long as the call's own limit. `@unchecked Sendable`, because everything but the constants is used on
/// `eventLoop` only.
public final class RPCReplicaSet: @unchecked Sendable {
    /// The loop everything here happens on.
    public let eventLoop: any EventLoop
    /// Told when the number of replicas that serve has changed.
    public var onChange: ((_ serving: Int) -> Void)?
    /// Told which replica begins or stops to serve; without it a line of the log says so.
    public var onReplicaChange: ((_ address: RPCAddress, _ isServing: Bool) -> Void)?
    private let logger: Logger
    let retryPolicy: RPCRetryPolicy
    /// Calls wait for whoever follows a server that stops: there is nowhere else to go.
    let expectsSuccessor: Bool
    var budget: RetryBudget
    var random: SeededRandom
    private let replicaPolicy: RPCReplicaPolicy
    private var replicas: [Replica] = []
    private(set) var isClosed = false
    /// Replicas that are given calls.
    public private(set) var servingCount = 0

    /// A client that has not connected yet. With the same `seed` the same replicas are drawn.
    public init(
        eventLoop: any EventLoop, addresses: [RPCAddress], configuration: RPCClientConfiguration = .init(),
        seed: UInt64 = .random(in: 0 ... .max), logger: Logger
    ) {
        self.eventLoop = eventLoop
        self.logger = logger
        var configuration = configuration
        if addresses.count > 1 { configuration.successorWait = .zero }
        expectsSuccessor = configuration.successorWait > .zero
        retryPolicy = configuration.retries
        budget = RetryBudget(configuration.retries)
        replicaPolicy = configuration.replicas
        random = SeededRandom(seed: seed)
        servingCount = addresses.count
        replicas = addresses.map { [configuration] address in
            let isJudged = addresses.count > 1 || configuration.replicas.checkInterval != nil
            return Replica(
                address: address, isJudged: isJudged, configuration: configuration, eventLoop: eventLoop,
                logger: logger
            ) { [weak self] isServing in self?.changed(address, isServing: isServing) }
        }
    }

    /// Begins to ask the replicas for their health, if `RPCReplicaPolicy.checkInterval` is set.
    public func watch() {
        eventLoop.preconditionInEventLoop()
        for replica in replicas { replica.start() }
    }

    /// Starts a call. The receiver hears of it on the event loop, never before this returns.
    @inline(__always)
    @discardableResult
    public func start(
        _ request: RPCCallRequest, lane: RPCLane, isIdempotent: Bool = false, receiver: any RPCCallReceiver
    ) -> RPCReplicaCall {
        let call = RPCReplicaCall(request, lane: lane, isIdempotent: isIdempotent, set: self, receiver: receiver)
        call.send()
        return call
    }

    /// Ends all connections; calls without a reply fail, and so do all later ones.
    public func close() {
        eventLoop.preconditionInEventLoop()
        isClosed = true
        for replica in replicas { replica.close() }
    }

    // MARK: For calls

    /// The replica for a try, rather not one of those that a call has tried (a bit for each place).
    func pick(_ lane: RPCLane, tried: UInt64) -> (replica: Replica, place: Int)? {
        if replicas.count == 1 { return (replicas[0], 0) }
        if tried == 0, servingCount == replicas.count { return pick(among: replicas.indices, lane) }
        let serving = replicas.indices.filter { replicas[$0].circuit.isServing }
        for candidates in [serving.filter { !Self.bit($0, in: tried) }, serving] where !candidates.isEmpty {
            return pick(among: candidates, lane)
        }
        let untried = replicas.indices.filter { !Self.bit($0, in: tried) }
        return pick(among: untried.isEmpty ? Array(replicas.indices) : untried, lane)
    }

    /// A replica serves that a call has not tried.
    func hasAnother(than tried: UInt64) -> Bool {
        !isClosed && replicas.indices.contains { replicas[$0].circuit.isServing && !Self.bit($0, in: tried) }
    }

    func succeeded(on replica: Replica) {
        budget.succeeded()
        replica.callSucceeded()
    }

    func failed(_ error: RPCError, on replica: Replica) {
        guard !isClosed else { return }
        let ejected = replicas.count { $0.circuit.isEjected }
        let mayEject = Double(ejected + 1) <= Double(replicas.count) * replicaPolicy.ejectedPartMax
        replica.callFailed(error, mayEject: mayEject)
    }

    /// The places of replicas beyond 64 share bits, which only makes them look tried sooner.
    static func bit(_ place: Int, in tried: UInt64) -> Bool { tried >> UInt64(place & 63) & 1 == 1 }

    private func pick(
        among places: some RandomAccessCollection<Int>, _ lane: RPCLane
    ) -> (replica: Replica, place: Int)? {
        if places.isEmpty { return nil }
        func replica(_ index: Int) -> Replica { replicas[places[places.index(places.startIndex, offsetBy: index)]] }
        let (chosen, other) = TwoChoices.choose(of: places.count, using: &random) { index in
            replica(index).load(lane)
        }
        // Only connected ones would ever be chosen if the others never connected.
        if let other { replica(other).lane(lane).prepare() }
        return (replica(chosen), places[places.index(places.startIndex, offsetBy: chosen)])
    }

    private func changed(_ address: RPCAddress, isServing: Bool) {
        servingCount += isServing ? 1 : -1
        if let onReplicaChange {
            onReplicaChange(address, isServing)
        } else {
            logger.info("\(address) \(isServing ? "serves" : "does not serve")")
        }
        onChange?(servingCount)
    }
}
