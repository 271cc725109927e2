import CoreMetrics
import Synchronization

/// A method as a server serves it, or several that are served and counted alike.
final class ServedMethod: Sendable {
    /// Who does the work.
    enum Work: Sendable {
        case handler(RPCMethods.Handler)
        case fallback(any RPCFallback)
        case nobody
    }

    let options: RPCMethodOptions
    let work: Work
    let metrics: MethodMetrics
    /// Nil when any number of calls may run.
    let gate: MethodGate?
    private let hasWaited: Atomic<Bool>

    init(label: String, options: RPCMethodOptions, work: Work, factory: any MetricsFactory) {
        self.options = options
        self.work = work
        gate = MethodGate(options)
        metrics = MethodMetrics(method: label, factory: factory)
        if case .fallback = work { hasWaited = Atomic(true) } else { hasWaited = Atomic(gate != nil) }
    }

    /// True when calls are to be expected to wait, so that they must not keep the read alive that brought them. Learned
    /// from the first that did: the calls of a method that never waits are over before the read is, and cost no copy.
    var expectsWaits: Bool { hasWaited.load(ordering: .relaxed) }

    /// A call of it has begun, and was not over at once.
    func waits() {
        if !expectsWaits { hasWaited.store(true, ordering: .relaxed) }
    }
}

/// Everything a server serves, by name. Made once, so that what strangers ask for cannot make it grow.
struct ServedMethods: Sendable {
    private let known: [String: ServedMethod]
    private let groups: [String: ServedMethod]
    private let unknown: ServedMethod
    private let fallback: (any RPCFallback)?

    /// The label of methods that neither the server nor its fallback knows.
    private static let unknownLabel = "unknown"

    init(_ methods: RPCMethods, fallback: (any RPCFallback)?, healthWatch: HealthWatch) {
        let factory = MetricsSystem.factory
        var known = Dictionary(
            uniqueKeysWithValues: methods.methods.map { name, method in
                let work = ServedMethod.Work.handler(method.handler)
                return (name, ServedMethod(label: name, options: method.options, work: work, factory: factory))
            })
        known[HealthWatch.method] = ServedMethod(
            label: HealthWatch.method, options: .init(timeout: HealthWatch.durationMax, isLong: true),
            work: .fallback(healthWatch), factory: factory)
        self.known = known
        let options = fallback.map { RPCMethodOptions(timeout: $0.timeout) } ?? .init()
        let work = fallback.map { ServedMethod.Work.fallback($0) } ?? .nobody
        func served(_ label: String, _ work: ServedMethod.Work) -> ServedMethod {
            ServedMethod(label: label, options: options, work: work, factory: factory)
        }
        groups = Dictionary((fallback?.groups ?? []).map { ($0, served($0, work)) }) { first, _ in first }
        unknown = served(Self.unknownLabel, fallback?.servesUngrouped == false ? .nobody : work)
        self.fallback = fallback
    }

    /// What was counted, by method.
    var stats: [MethodMetrics.Stats] {
        (Array(known.values) + Array(groups.values) + [unknown]).map(\.metrics.stats).filter { !$0.isUnused }
            .sorted { $0.method < $1.method }
    }

    subscript(_ name: String) -> ServedMethod {
        if let method = known[name] { return method }
        return fallback?.group(of: name).flatMap { groups[$0] } ?? unknown
    }
}
