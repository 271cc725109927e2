/// When and how often a client sends a failed call again by itself.
///
/// What is sent again and what never is stands in `CallRetry`; the budget in `RetryBudget`.
public struct RPCRetryPolicy: Sendable, Hashable {
    /// How often a call is sent at most, the first time included.
    public var triesMax = 4
    /// The pause before the second try, ± 20 %; doubles from there.
    public var delayMin = Duration.milliseconds(100)
    /// The longest pause of our own.
    public var delayMax = Duration.seconds(1)
    /// A server that asks for a longer pause than this is not asked again: its answer goes to the caller.
    public var retryAfterMax = Duration.seconds(30)
    /// Retries that may follow each other before successes have to earn new ones.
    public var budgetMax = 10
    /// Successes that earn one retry.
    public var successesPerRetry = 10

    /// The defaults.
    public init() {}

    /// Every call is sent once.
    public static var never: RPCRetryPolicy {
        var policy = RPCRetryPolicy()
        policy.triesMax = 1
        return policy
    }
}
