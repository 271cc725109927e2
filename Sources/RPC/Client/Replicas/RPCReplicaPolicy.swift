/// When a client takes a replica for unable to serve, and when it asks again.
///
/// Numbers and rules follow Envoy's outlier detection (envoyproxy.io, "Outlier detection"): consecutive failures eject,
/// the time grows with each ejection in a row and is capped, so many may be ejected and no more, and when none is left
/// all are tried ("panic threshold"). Times are shorter: a replica of ours says by `rpc.health` that it is back.
public struct RPCReplicaPolicy: Sendable, Hashable {
    /// Failures in a row that eject a replica.
    public var failuresMax = 5
    /// How long the first ejection lasts; the nth in a row lasts n times as long.
    public var ejectionMin = Duration.seconds(5)
    /// The longest ejection.
    public var ejectionMax = Duration.seconds(300)
    /// Each such time of service makes one ejection forgotten.
    public var forgivingInterval = Duration.seconds(10)
    /// At most this part of the replicas is ejected at the same time. Replicas without a connection do not count here.
    public var ejectedPartMax = 0.5
    /// The pause before a lost replica is asked for its health; doubles from there.
    public var checkDelayMin = Duration.milliseconds(100)
    /// The longest pause between two such questions.
    public var checkDelayMax = Duration.seconds(5)
    /// How long an answer to `rpc.health` may take.
    public var checkTimeout = Duration.seconds(2)
    /// Between two questions to a replica that serves; nil: it is only asked when it does not.
    public var checkInterval: Duration?

    /// The defaults.
    public init() {}
}
