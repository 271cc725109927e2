import NIOCore

// MARK: - Octets and time

extension HTTPConnectionStateMachine {
    /// What the connection's timer or counter of octets asks for.
    enum LimitAction: Equatable {
        case none
        /// Answer with this refusal; it is the last answer.
        case refuse(Limit)
        /// Nothing can be said any more, or nobody listens.
        case close
        /// The client takes nothing: throw away what waits for it.
        case reset
    }

    /// A limit that was passed while a request arrived.
    enum Limit: Equatable {
        case headerOctets
        case headerTime
        case bodyTime
        case bodyOverhead
    }

    /// Octets came from the socket, and what was whole in them has been handed over.
    ///
    /// The parser bounds names and values; white space around them and chunk extensions are bounded here.
    mutating func octetsReceived(_ count: Int, now: NIODeadline) -> LimitAction {
        switch state {
        case .idle:
            state = .head(octets: count)
            deadline = now + limits.headerTimeout
            return headOctets(count)
        case .head(let octets):
            state = .head(octets: octets + count)
            return headOctets(octets + count)
        case .receiving(var receiving):
            receiving.wireOctets += count
            state = .receiving(receiving)
            let overheadMax = limits.headerBytesMax + 8 * receiving.octets
            return receiving.wireOctets - receiving.octets > overheadMax ? refuse(.bodyOverhead) : .none
        case .lingering(let octets):
            state = .lingering(octets: octets + count)
            return octets + count > limits.lingerBytesMax ? close() : .none
        case .answering, .closed:
            return .none
        }
    }

    /// The deadline has come, or an earlier one had; `sent` counts octets the socket took, `waiting` those it did not.
    mutating func timerFired(now: NIODeadline, sent: Int, waiting: Int) -> LimitAction {
        guard now >= deadline else { return .none }
        switch state {
        case .idle where waiting > 0, .answering:
            if waiting > 0 && sent == octetsSentAtLastCheck { return reset() }
            octetsSentAtLastCheck = sent
            deadline = now + limits.stallTimeout
            return .none
        case .idle, .lingering: return close()
        case .head: return refuse(.headerTime)
        case .receiving: return refuse(.bodyTime)
        case .closed: return .none
        }
    }

    mutating func watchForStall(_ now: NIODeadline) {
        deadline = now + limits.stallTimeout
        octetsSentAtLastCheck = -1
    }

    private mutating func headOctets(_ octets: Int) -> LimitAction {
        octets > limits.headerBytesMax ? refuse(.headerOctets) : .none
    }

    private mutating func refuse(_ limit: Limit) -> LimitAction {
        answerEarly()
        return .refuse(limit)
    }

    private mutating func close() -> LimitAction {
        closed()
        return .close
    }

    private mutating func reset() -> LimitAction {
        closed()
        return .reset
    }
}

// MARK: - Ends

extension HTTPConnectionStateMachine {
    /// What follows an answer.
    enum AnsweredAction: Equatable {
        /// The next request, which may be waiting already.
        case next
        /// Shut our side and drop what still comes: closing at once could take the answer away from the client.
        case linger
    }

    /// What a parser's error asks for.
    enum FailureAction: Equatable {
        /// Answer 400, and it is the last answer.
        case refuse
        /// The answer under way is the last; the refusal follows it.
        case queue
        case close
    }

    /// The answer is out: handed to the socket, or, when it is the last one, taken by it. With `isStalling` so much of
    /// what was written is not taken yet that no further request is: then the client has to take something first.
    mutating func answerWritten(now: NIODeadline, isStalling: Bool = false) -> AnsweredAction {
        guard case .answering(let isRequestComplete) = state else { return .next }
        if isKeptAlive && isRequestComplete {
            state = .idle
            if isStalling { watchForStall(now) } else { deadline = now + limits.idleTimeout }
            return .next
        }
        state = .lingering(octets: 0)
        deadline = now + limits.lingerTimeout
        return .linger
    }

    /// The client has taken enough of what was written: the connection is idle like others.
    mutating func caughtUp(now: NIODeadline) {
        if state == .idle { deadline = now + limits.idleTimeout }
    }

    /// What came is not HTTP.
    mutating func parsingFailed() -> FailureAction {
        switch state {
        case .idle, .head, .receiving:
            answerEarly()
            return .refuse
        case .answering(isRequestComplete: true):
            return .queue
        case .answering(isRequestComplete: false):
            return .close
        case .lingering:
            closed()
            return .close
        case .closed:
            return .close
        }
    }

    /// The process stops. True: nothing is under way, close at once; otherwise the present answer is the last.
    mutating func drain() -> Bool {
        isKeptAlive = false
        guard state == .idle else { return false }
        closed()
        return true
    }

    /// The connection is no more.
    mutating func closed() {
        state = .closed
        isKeptAlive = false
        deadline = .distantFuture
    }
}
