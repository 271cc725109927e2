/// How many retries a client may still make: a bucket of tokens, so that many clients do not multiply an outage.
///
/// A retry takes a token, a success gives back a part of one. In an outage the bucket runs dry after `budgetMax`
/// retries and every further failure is told at once. Invariant: 0 ≤ `parts` ≤ `partsMax`.
package struct RetryBudget {
    private let partsPerToken: Int
    private let partsMax: Int
    private var parts: Int

    /// A full bucket.
    package init(_ policy: RPCRetryPolicy) {
        partsPerToken = max(1, policy.successesPerRetry)
        partsMax = max(0, policy.budgetMax) * partsPerToken
        parts = partsMax
    }

    /// Takes a token; false when there is none.
    package mutating func take() -> Bool {
        guard parts >= partsPerToken else { return false }
        parts -= partsPerToken
        return true
    }

    /// A call succeeded.
    @inline(__always)
    package mutating func succeeded() {
        if parts < partsMax { parts += 1 }
    }
}
