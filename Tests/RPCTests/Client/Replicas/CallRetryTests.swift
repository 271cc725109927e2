import NIOCore
import RPC
import Testing

/// What is sent again, when, and what it costs: by hand, without a clock.
@Suite struct CallRetryTests {
    private let start = NIODeadline.uptimeNanoseconds(0)
    private let policy = RPCRetryPolicy()

    private static func error(
        _ status: RPCStatus, reason: String? = nil, notStarted: Bool = false, resume: Bool = false,
        ofConnection: Bool = false, retryAfter: Duration? = nil
    ) -> RPCError {
        var error = RPCError(status, reason: reason, "a failure")
        error.notStarted = notStarted
        error.resume = resume
        error.isOfConnection = ofConnection
        error.retryAfter = retryAfter
        return error
    }

    @Test(arguments: [
        (error(.unavailable, notStarted: true), false, true), (error(.unavailable, notStarted: true), true, true),
        (error(.resourceExhausted, notStarted: true), false, true),
        (error(.unavailable), false, false), (error(.unavailable), true, true),
        (error(.unavailable, ofConnection: true), false, false), (error(.unavailable, ofConnection: true), true, true),
        (error(.deadlineExceeded), false, false), (error(.deadlineExceeded), true, true),
        (error(.unavailable, reason: "draining", resume: true), false, true),
        (error(.internal), true, false), (error(.aborted), true, false), (error(.notFound), true, false),
        (error(.resourceExhausted), true, false), (error(.invalidArgument), true, false),
        (error(.dataLoss), true, false), (error(.cancelled), true, false),
    ])
    func `only what cannot do harm is sent again`(error: RPCError, isIdempotent: Bool, expected: Bool) {
        var budget = RetryBudget(policy)
        var retry = CallRetry(deadline: nil, isIdempotent: isIdempotent)
        let action = retry.failed(
            .init(error, hasAnotherReplica: false), at: start, chance: 0.5, policy: policy, budget: &budget)
        #expect((action != .fail) == expected)
    }

    @Test func `whoever may send a call again says how often it was sent, and nobody before it sends it again`() {
        var budget = RetryBudget(policy)
        var retry = CallRetry(deadline: nil, isIdempotent: false)
        let failure = CallRetry.Failure(Self.error(.unavailable, notStarted: true), hasAnotherReplica: false)
        while retry.failed(failure, at: start, chance: 0, policy: policy, budget: &budget) != .fail {}
        let told = RPCError(json: retry.final(failure).json)
        #expect(told.tries == 4 && told.notStarted)
        for isIdempotent in [false, true] {
            var retry = CallRetry(deadline: nil, isIdempotent: isIdempotent)
            for resume in [false, true] {
                var error = told
                error.resume = resume
                let failure = CallRetry.Failure(error, hasAnotherReplica: true, expectsSuccessor: true)
                #expect(retry.failed(failure, at: start, chance: 0, policy: policy, budget: &budget) == .fail)
                #expect(retry.final(failure).tries == 4)
            }
        }
    }

    @Test func `what was not ours to repeat is left to the caller, who may know more of the method`() {
        let retry = CallRetry(deadline: nil, isIdempotent: false)
        for status in [RPCStatus.unavailable, .deadlineExceeded, .notFound, .internal] {
            #expect(retry.final(.init(Self.error(status), hasAnotherReplica: false)).tries == nil)
        }
    }

    @Test func `an answer that has begun is not asked for twice, unless the server sent the call away`() {
        var budget = RetryBudget(policy)
        for (resume, expected) in [(false, CallRetry.Action.fail), (true, .again(after: .zero))] {
            var retry = CallRetry(deadline: nil, isIdempotent: true)
            let error = Self.error(.unavailable, reason: "draining", resume: resume)
            let failure = CallRetry.Failure(error, hasAnotherReplica: true, hasBegunAnswer: true)
            #expect(retry.failed(failure, at: start, chance: 0, policy: policy, budget: &budget) == expected)
        }
    }

    @Test func `four tries, with pauses that double and are jittered by a fifth`() {
        let failure = CallRetry.Failure(Self.error(.unavailable, notStarted: true), hasAnotherReplica: false)
        for (chance, pauses) in [(0.0, [80, 160, 320]), (0.5, [100, 200, 400]), (1.0, [120, 240, 480])] {
            var budget = RetryBudget(policy)
            var retry = CallRetry(deadline: nil, isIdempotent: false)
            for pause in pauses {
                let action = retry.failed(failure, at: start, chance: chance, policy: policy, budget: &budget)
                #expect(action == .again(after: .milliseconds(Int64(pause))))
            }
            #expect(retry.tries == 4)
            #expect(retry.failed(failure, at: start, chance: chance, policy: policy, budget: &budget) == .fail)
        }
    }

    @Test func `the longest pause of our own is a second`() {
        var patient = policy
        patient.triesMax = 8
        let failure = CallRetry.Failure(Self.error(.unavailable, notStarted: true), hasAnotherReplica: false)
        var budget = RetryBudget(patient)
        var retry = CallRetry(deadline: nil, isIdempotent: false)
        let last = (0..<7).map { _ in
            retry.failed(failure, at: start, chance: 0.5, policy: patient, budget: &budget)
        }.last
        #expect(last == .again(after: .seconds(1)))
    }

    @Test func `the server's pause is kept, and a very long one is the caller's to decide`() {
        for (asked, expected) in [
            (Duration.milliseconds(10), CallRetry.Action.again(after: .milliseconds(100))),
            (.milliseconds(1500), .again(after: .milliseconds(1500))), (.seconds(31), .fail),
        ] {
            var budget = RetryBudget(policy)
            var retry = CallRetry(deadline: nil, isIdempotent: false)
            let error = Self.error(.unavailable, notStarted: true, retryAfter: asked)
            let failure = CallRetry.Failure(error, hasAnotherReplica: false)
            #expect(retry.failed(failure, at: start, chance: 0.5, policy: policy, budget: &budget) == expected)
        }
    }

    @Test func `a pause that would outlast the caller's time is not begun`() {
        let failure = CallRetry.Failure(Self.error(.unavailable, notStarted: true), hasAnotherReplica: false)
        for (left, expected) in [(100, CallRetry.Action.fail), (101, .again(after: .milliseconds(100)))] {
            var budget = RetryBudget(policy)
            var retry = CallRetry(deadline: start + .milliseconds(Int64(left)), isIdempotent: false)
            #expect(retry.failed(failure, at: start, chance: 0.5, policy: policy, budget: &budget) == expected)
        }
        var budget = RetryBudget(policy)
        var late = CallRetry(deadline: start, isIdempotent: true)
        let elsewhere = CallRetry.Failure(Self.error(.deadlineExceeded), hasAnotherReplica: true)
        #expect(late.failed(elsewhere, at: start, chance: 0.5, policy: policy, budget: &budget) == .fail)
        let hasToken = budget.take()
        #expect(hasToken, "a call that is not sent again costs nothing")
    }

    @Test func `an outage is not multiplied: after ten retries successes have to earn more`() {
        var budget = RetryBudget(policy)
        let failure = CallRetry.Failure(Self.error(.unavailable, notStarted: true), hasAnotherReplica: false)
        func isSentAgain() -> Bool {
            var retry = CallRetry(deadline: nil, isIdempotent: false)
            return retry.failed(failure, at: start, chance: 0.5, policy: policy, budget: &budget) != .fail
        }
        let inOutage = (0..<1000).count { _ in isSentAgain() }
        #expect(inOutage == 10)
        for _ in 0..<9 { budget.succeeded() }
        #expect(!isSentAgain())
        budget.succeeded()
        #expect(isSentAgain())
        for _ in 0..<1000 { budget.succeeded() }
        let inNextOutage = (0..<1000).count { _ in isSentAgain() }
        #expect(inNextOutage == 10, "no more than ten are saved up")
    }

    @Test func `a server that stops is followed to the next one, sixteen times and at no cost`() {
        var budget = RetryBudget(policy)
        while budget.take() {}
        var retry = CallRetry(deadline: nil, isIdempotent: false)
        let error = Self.error(.unavailable, reason: "draining", notStarted: true)
        let failure = CallRetry.Failure(error, hasAnotherReplica: false, expectsSuccessor: true)
        for _ in 0..<16 {
            let action = retry.failed(failure, at: start, chance: 0.5, policy: policy, budget: &budget)
            #expect(action == .again(after: .zero))
        }
        #expect(retry.failed(failure, at: start, chance: 0.5, policy: policy, budget: &budget) == .fail)
    }

    @Test func `leaving a dead replica for a living one is free and at once, leaving one that refuses is not`() {
        var budget = RetryBudget(policy)
        while budget.take() {}
        for (error, expected) in [
            (Self.error(.unavailable, ofConnection: true), CallRetry.Action.again(after: .zero)),
            (Self.error(.unavailable, reason: "draining", notStarted: true), .again(after: .zero)),
            (Self.error(.unavailable, reason: "overloaded", notStarted: true), .fail),
        ] {
            var retry = CallRetry(deadline: nil, isIdempotent: true)
            let failure = CallRetry.Failure(error, hasAnotherReplica: true)
            #expect(retry.failed(failure, at: start, chance: 0.5, policy: policy, budget: &budget) == expected)
        }
    }
}
