import Logging
import NIOCore

/// One address of a service: a client for each lane, made when it is first needed, and what is known of its health.
/// Loop-bound.
final class Replica {
    let address: RPCAddress
    private(set) var circuit: ReplicaCircuit
    /// A lone replica is not judged unless somebody wants to know: calls go there anyway.
    private let isJudged: Bool
    private let configuration: RPCClientConfiguration
    private let eventLoop: any EventLoop
    private let logger: Logger
    /// Told when it begins or stops to serve.
    private let changed: (_ isServing: Bool) -> Void
    private var lanes: [RPCLoopClient?] = RPCLane.allCases.map { _ in nil }
    private var timer: Scheduled<Void>?
    private var check: HealthCheck?
    private var random = SystemRandomNumberGenerator()
    private var isClosed = false

    init(
        address: RPCAddress, isJudged: Bool, configuration: RPCClientConfiguration, eventLoop: any EventLoop,
        logger: Logger,
        changed: @escaping (_ isServing: Bool) -> Void
    ) {
        self.address = address
        self.isJudged = isJudged
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.logger = logger
        self.changed = changed
        circuit = ReplicaCircuit(configuration.replicas)
    }

    func lane(_ lane: RPCLane) -> RPCLoopClient {
        if let client = lanes[lane.rawValue] { return client }
        var configuration = configuration
        if lane == .waits { configuration.inFlightMax = configuration.waitsInFlightMax }
        let client = RPCLoopClient(
            eventLoop: eventLoop, host: address.host, port: address.port, configuration: configuration, logger: logger)
        lanes[lane.rawValue] = client
        if lane == .calls { client.onLoss = { [weak self] in self?.connectionEnded() } }
        return client
    }

    /// What it has to do in a lane, the question for its health left out.
    func load(_ lane: RPCLane) -> TwoChoices.Load {
        let client = self.lane(lane)
        let watching = lane == .calls && check?.isListening == true ? 1 : 0
        return TwoChoices.Load(isConnected: client.isReady, calls: client.callCount - watching)
    }

    func close() {
        isClosed = true
        timer?.cancel()
        check?.forget()
        check = nil
        for client in lanes { client?.close() }
    }

    // MARK: Health

    func start() {
        act(circuit.start())
    }

    private func connectionEnded() {
        if isJudged { act(circuit.connectionEnded()) }
    }

    @inline(__always)
    func callSucceeded() {
        circuit.callSucceeded()
    }

    /// A call failed here. `mayEject`: not too many replicas are ejected already.
    func callFailed(_ error: RPCError, mayEject: Bool) {
        guard isJudged else { return }
        guard let failure = ReplicaCircuit.Failure(error) else { return circuit.callSucceeded() }
        act(circuit.callFailed(failure, mayEject: mayEject, at: eventLoop.now, chance: chance()))
    }

    private func act(_ actions: [ReplicaCircuit.Action]) {
        for action in actions where !isClosed {
            switch action {
            case .wake(let pause): wake(after: pause)
            case .check: checkHealth()
            case .changed(let isServing):
                changed(isServing)
            }
        }
    }

    private func wake(after pause: TimeAmount) {
        timer?.cancel()
        timer = eventLoop.assumeIsolated().scheduleTask(in: pause) { [weak self] in
            guard let self else { return }
            act(circuit.timePassed())
        }
    }

    /// Asks, and goes on listening where the server tells unasked. One that is listened to already is asked plainly.
    private func checkHealth() {
        let isListening = check?.isListening == true
        let check = HealthCheck(eventLoop: eventLoop, timeout: configuration.replicas.checkTimeout) {
            [weak self] check, news in self?.heard(news, from: check)
        }
        if !isListening { self.check = check }
        check.start(on: lane(.calls), listens: !isListening)
    }

    private func heard(_ news: HealthCheck.News, from check: HealthCheck) {
        switch news {
        case .answer(let isServing):
            act(circuit.checked(isServing: isServing, at: eventLoop.now, chance: chance()))
        case .told(let isServing):
            act(circuit.told(isServing: isServing, at: eventLoop.now, chance: chance()))
        }
    }

    private func chance() -> Double { Double.random(in: 0...1, using: &random) }
}

extension ReplicaCircuit.Failure {
    /// What an error says about the replica that it came from; nil: it works. A deadline says nothing, because callers
    /// set them: five calls with a deadline of a millisecond must not take a replica away from everybody else.
    init?(_ error: RPCError) {
        if error.isOfConnection || error.isOfStopping {
            self = .lost
        } else if error.status == .unavailable {
            self = .refused
        } else {
            return nil
        }
    }
}
