import Logging
import NIOCore

/// From requests to running calls.
extension ServerConnection {
    func submit(
        _ request: RequestEnvelope, batch: (reply: BatchReply, index: Int)?, arrival: NIODeadline? = nil
    ) {
        if isOurs(request.method), !isHealthWatch(request, isInBatch: batch != nil) {
            answerOurs(request, batch: batch)
            return
        }
        let waiting = Waiting(request: request, batch: batch, arrival: arrival ?? arrivalTime)
        guard credentials.mayCall() else { return refuse(waiting, .credentialsMissing) }
        if phase == .draining, !takesWhileDraining(request, wasBegun: arrival != nil) {
            refuse(waiting, .draining)
            return
        }
        if !isWritable || owesTooMuch, !peer.isPlain {
            refuse(waiting, .overloaded("the replies written so far have not been taken"))
            return
        }
        switch admission.admit() {
        case .run: start(waiting)
        case .wait: enqueue(waiting)
        case .refuse: refuse(waiting, .overloaded("more calls in flight than the \(admission.runningMax) agreed on"))
        }
    }

    private func enqueue(_ waiting: Waiting) {
        var waiting = waiting
        waiting.request = waiting.request.detachedFromRead()
        admission.enqueue(waiting, bytes: waiting.request.byteCount)
    }

    /// A stopping server finishes what had begun to arrive in chunks, even after its caller has heard.
    func takesWhileDraining(_ request: RequestEnvelope, wasBegun: Bool) -> Bool {
        let isLong = shared.isLong(request.method)
        return drainState.takesCall(isLong: isLong) || (wasBegun && !isLong)
    }

    /// Starts what waited as long as there is room for it and for its answer.
    func startWaiting() {
        while !isHeldByReplies, let waiting = admission.next() { start(waiting) }
    }

    private func start(_ waiting: Waiting) {
        let served = served(waiting.request.method)
        let request = served.expectsWaits ? waiting.request.detachedFromRead() : waiting.request
        let call = RPCServerCall(
            request: request, meta: meta(of: request), arrival: waiting.arrival, served: served, batch: waiting.batch,
            connection: self)
        insert(call)
        call.heldBytes = request.byteCount
        heldByCalls += call.heldBytes
        if let stream = call.meta.stream, features.contains(.stream), waiting.batch == nil, request.id != nil {
            call.events = EventOutput(seq: stream.after ?? 0, items: StreamCredit(credit: stream.credit))
        }
        if isLate(call) { return call.fail(.expiredBeforeStart) }
        switch served.work {
        case .handler(let handler):
            if let key = call.meta.idem, let refusal = served.options.refusal(ofKey: key) { return call.fail(refusal) }
            wake(at: call.deadline)
            if let gate = served.gate { return enter(gate, call) }
            workers.run(handler, call)
            if call.isRunning { served.waits() }
        case .fallback(let fallback):
            wake(at: call.deadline)
            fallback.start(call)
        case .nobody: call.fail(.noSuchMethod(request.method))
        }
    }

    private func enter(_ gate: MethodGate, _ call: RPCServerCall) {
        switch gate.enter(call) {
        case .run: startQueued(call)
        case .wait: break
        case .refuse: call.fail(.overloaded("too many calls of '\(call.method)' wait already"))
        }
    }

    /// A call's turn among those of its method has come.
    func startQueued(_ call: RPCServerCall) {
        guard case .handler(let handler) = call.served.work else { return }
        workers.run(handler, call)
    }

    /// Longer names are looked up each time, so that a stranger's name is not kept.
    private static let keptNameBytesMax = 128

    /// A connection often calls one method many times; comparing a name is quicker than hashing it.
    func served(_ name: String) -> ServedMethod {
        if let lastMethod, lastMethod.name == name { return lastMethod.served }
        let served = shared.served[name]
        if name.utf8.count <= Self.keptNameBytesMax { lastMethod = (name, served) }
        return served
    }

    /// Had no time from the beginning, or had to wait too long; only then the clock is looked at again.
    private func isLate(_ call: RPCServerCall) -> Bool {
        call.deadline <= call.arrival || (call.arrival != arrivalTime && call.deadline <= eventLoop.now)
    }

    /// A plain peer's meta is an unknown member. The gateway says `principal`, `http` and `plain`; others are who they
    /// proved to be.
    func meta(of request: RequestEnvelope) -> RPCMeta {
        var meta = RPCMeta()
        if takesMeta, let json = request.meta {
            meta = RPCMeta(json: json)
            if peer.role == Self.gatewayRole { return meta }
            meta.http = nil
            meta.callerIsPlain = false
        }
        meta.principal = credentials.principalJSON
        return meta
    }

    private func insert(_ call: RPCServerCall) {
        if let slot = freeSlots.popLast() {
            call.slot = slot
            calls[slot] = call
        } else {
            call.slot = calls.count
            calls.append(call)
        }
        call.served.metrics.begin()
    }

    /// A call's work is over; the next may begin.
    func callEnded(_ call: RPCServerCall) {
        calls[call.slot] = nil
        freeSlots.append(call.slot)
        admission.ended()
        call.served.metrics.end()
        heldByCalls -= call.heldBytes
        guard !isProcessing else { return }
        settleCharge()
        grantDueCredits()
        resume()
    }

    func refuse(_ waiting: Waiting, _ error: RPCError) {
        served(waiting.request.method).metrics.refused(error.countedStatus)
        guard let id = waiting.request.id, countsAsTaken(.failure(error)) else { return }
        reply(id: id, batch: waiting.batch, .failure(error))
    }
}

extension RPCServerCall {
    /// Runs a handler to its end; on the call's loop.
    func run(_ body: RPCMethods.RawHandler) async {
        do {
            let result = try await body(RPCContext(call: self))
            onLoop { self.succeed(result) }
        } catch {
            failed(error)
        }
    }

    func run(_ body: RPCMethods.StreamHandler) async {
        do {
            try await body(RPCContext(call: self), RPCStreamOpener(call: self))
            onLoop { self.finishStream() }
        } catch {
            failed(error)
        }
    }

    /// What a handler throws becomes the answer; what it did not mean to tell stays in the log.
    private func failed(_ error: any Error) {
        let answer: RPCError
        switch error {
        case let error as RPCError: answer = error
        case let error as RPCViolation: answer = .invalidArguments([error])
        case is CancellationError: answer = .cancelled(.requested)
        default:
            logger.error("handler failed", metadata: ["error": "\(error)"])
            answer = RPCError(.internal, "the method '\(method)' failed")
        }
        onLoop { self.fail(answer) }
    }
}

extension RPCError {
    /// A call whose time was over before its turn came.
    static var expiredBeforeStart: RPCError {
        var error = RPCError.cancelled(.deadline)
        error.notStarted = true
        return error
    }

    /// A connection for which there is no room.
    static func tooManyConnections(limit: Int) -> RPCError {
        overloaded("the server has as many connections as it takes, \(limit); try again later")
    }

    /// A call that came after the server began to stop.
    static var draining: RPCError {
        var error = RPCError(.unavailable, reason: "draining", "the server is stopping and takes no more calls")
        error.notStarted = true
        return error
    }

    /// A call that waits, ended because the server stops.
    static var interrupted: RPCError {
        var error = RPCError(
            .unavailable, reason: "draining", "the server is stopping; the call goes on when it is made again elsewhere"
        )
        error.resume = true
        return error
    }
}
