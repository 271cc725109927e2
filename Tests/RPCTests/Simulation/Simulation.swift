import NIOCore
import NIOEmbedded
import RPC

/// One client and the servers it meets, one after the other, over wires that delay, split and break; all on one thread
/// and one loop with manual time, so that a seed repeats every step.
final class Simulation: @unchecked Sendable {
    private static let callsMax = 80
    /// While calls are made and things go wrong, in microseconds; then everything may come to its end.
    private static let busyMicroseconds = 400_000
    private static let quietDuration = TimeAmount.seconds(120)

    private let loop = EmbeddedEventLoop()
    private let chance: Chance
    private let service: SimulatedService
    private let client: RPCLoopClient
    private var servers: [RPCServer] = []
    /// A server has stopped and the next one is not there yet.
    private var isReplacing = false
    private var wires: [SimulatedWire] = []
    private(set) var calls: [SimulatedCall] = []
    /// Not that of the process, which other tests spend.
    private let budget = OctetBudget(bytesMax: 256 << 20)

    init(seed: UInt64) {
        chance = Chance(seed: seed)
        service = SimulatedService(chance: chance)
        var configuration = RPCClientConfiguration()
        configuration.inFlightMax = chance.pick(1...40)
        configuration.budget = budget
        configuration.successorWait = chance.happens(percent: 80) ? .seconds(5) : .zero
        client = RPCLoopClient(
            eventLoop: loop, host: "simulation", port: 1, configuration: configuration, logger: .quiet)
        client.chance = { [chance] in Double(chance.pick(0...1_000)) / 1_000 }
        client.dial = { [unowned self] in self.dial($0) }
        openServer()
    }

    /// Runs everything; what was wrong.
    func run() -> [String] {
        for number in 0..<chance.pick(10...Self.callsMax) { sometime { self.makeCall(number) } }
        for _ in 0..<chance.pick(0...3) { sometime { self.replaceServer() } }
        for _ in 0..<chance.pick(0...2) { sometime { self.wires.last?.cut() } }
        loop.advanceTime(by: .microseconds(Int64(Self.busyMicroseconds)) + Self.quietDuration)
        let problems = calls.flatMap(\.problems) + calls.compactMap(verdict) + leftovers()
        close()
        return problems
    }

    // MARK: What happens

    private func makeCall(_ number: Int) {
        let kind = pickKind()
        let call = SimulatedCall(number: number, kind: kind, length: chance.pick(0...40), service: service) { body in
            self.later(body)
        }
        calls.append(call)
        var meta = RPCMeta()
        meta.stream = .init(credit: chance.pick(1...20))
        let isShort = chance.happens(percent: 25)
        meta.timeout = isShort ? .microseconds(chance.pick(0...50_000)) : .seconds(60)
        call.handle = client.start(
            RPCCallRequest(method: kind.method, params: call.params, meta: meta), receiver: call)
        if chance.happens(percent: 15) { later { call.cancel() } }
    }

    /// Large calls are rare: they take long to check.
    private func pickKind() -> SimulatedCall.Kind {
        let others = SimulatedCall.Kind.allCases.filter { $0 != .large }
        return chance.happens(percent: 2) ? .large : others[chance.pick(0...others.count - 1)]
    }

    /// A server stops and another one takes its place, sometimes after a while.
    private func replaceServer() {
        guard !isReplacing else { return }
        isReplacing = true
        servers.last?.drain(grace: .seconds(30))
        if chance.happens(percent: 50) { openServer() } else { later { self.openServer() } }
    }

    private func openServer() {
        isReplacing = false
        var configuration = RPCServerConfiguration()
        configuration.budget = budget
        configuration.limits.inFlightMax = chance.pick(1...40)
        servers.append(
            RPCServer(methods: service.methods, configuration: configuration, group: loop, logger: .quiet))
    }

    private func dial(_ handler: any ChannelHandler & Sendable) -> EventLoopFuture<Void> {
        do {
            let wire = try SimulatedWire(loop: loop, chance: chance)
            try wire.client.pipeline.syncOperations.addHandler(handler)
            wires.append(wire)
            let accepted = servers.last!.accept(wire.server)
            // Where nobody listens any more the attempt fails, like a refused connection.
            return accepted
        } catch {
            return loop.makeFailedFuture(error)
        }
    }

    // MARK: What must hold

    private func verdict(_ call: SimulatedCall) -> String? {
        let begun = service.begun[call.number] ?? 0
        if begun > 1 { return "call \(call.number) was done \(begun) times" }
        switch call.outcome {
        case nil: return call.isCancelled ? nil : "call \(call.number) (\(call.kind)) has no outcome"
        case .success: return begun == 1 ? nil : "call \(call.number) succeeded and was never done"
        case .failure(let error):
            return error.notStarted && begun > 0 ? "call \(call.number) is said not to have begun, but did" : nil
        }
    }

    private func leftovers() -> [String] {
        var problems: [String] = []
        if client.callCount != 0 { problems.append("\(client.callCount) calls are left at the client") }
        for (index, server) in servers.enumerated() where server.callsInFlight != 0 {
            problems.append("\(server.callsInFlight) calls are left at server \(index)")
        }
        for (index, server) in servers.dropLast().enumerated() where server.connectionCount != 0 {
            problems.append("\(server.connectionCount) connections are left at server \(index), which stopped")
        }
        return problems
    }

    private func close() {
        client.close()
        loop.advanceTime(by: .seconds(60))
        for server in servers { server.stopWorkers() }
        loop.run()
    }

    // MARK: Time

    private func sometime(_ body: @escaping @Sendable () -> Void) {
        loop.scheduleTask(in: .microseconds(Int64(chance.pick(0...Self.busyMicroseconds))), body)
    }

    private func later(_ body: @escaping () -> Void) {
        wires.first?.at(loop.now + .microseconds(Int64(chance.pick(0...20_000))), body)
    }
}
