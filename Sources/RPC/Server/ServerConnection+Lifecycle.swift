import NIOCore

/// Pausing, timers, the ways a connection ends.
extension ServerConnection {
    /// Nothing negotiated ever stops being read; a plain peer waits while its calls or its replies pile up.
    var wantsRead: Bool {
        switch phase {
        case .discarding: true
        case .closed, .inputClosed: false
        case .open, .draining:
            !peer.isPlain || (phase == .open && admission.takesFrames && isWritable && !isBlockedByBudget)
        }
    }

    /// Goes on with what had to wait: buffered frames first, then the socket.
    func resume() {
        process()
        if isReadHeld, wantsRead {
            isReadHeld = false
            watchFrame()
            context?.read()
        }
        closeIfDone()
    }

    func wake(at time: NIODeadline) {
        guard wakeup.needsArming(for: time) else { return }
        wakeup.arm(at: time, on: eventLoop) { self.wokenUp() }
    }

    func wakeForStarvation(since: NIODeadline) {
        wake(at: since + TimeAmount(limits.creditDuration))
    }

    /// The timer fired: does what is due and looks for the next time something will be.
    private func wokenUp() {
        wakeup.fired()
        let now = eventLoop.now
        if let frameDeadline, frameDeadline <= now {
            self.frameDeadline = nil
            writer.outbox.appendReply(
                id: .null, error: RPCError(.deadlineExceeded, reason: "frame", "the frame did not end in time").json)
            discardAndClose()
        }
        drainState.timePassed(now: now)
        if isStalled(now: now) {
            context?.close(promise: nil)
            return
        }
        endStalledChunks(now: now)
        for case let call? in calls where !call.isAnswered { endIfDue(call, now: now) }
        closeIfDone()
        armNext()
    }

    private func endIfDue(_ call: RPCServerCall, now: NIODeadline) {
        if call.deadline <= now {
            call.cancel(.deadline)
        } else if let since = call.starvedSince, since + TimeAmount(limits.creditDuration) <= now {
            call.cancel(.stalled)
        } else {
            call.sendDueProgress(now: now)
        }
    }

    private func armNext() {
        var times = [frameDeadline, writeDeadline, discardDeadline, drainState.deadline].compactMap { $0 } + chunkTimes
        for case let call? in calls where !call.isAnswered {
            times.append(call.deadline)
            if let since = call.starvedSince { times.append(since + TimeAmount(limits.creditDuration)) }
            if let due = call.events?.progress.dueTime { times.append(due) }
        }
        if let first = times.min() { wake(at: first) }
    }

    /// The peer sends no more. A plain one still gets its replies; a negotiated one never half-closes: it is gone.
    func inputClosed() {
        switch phase {
        case .open where peer.isPlain:
            phase = .inputClosed
            resume()
        case .draining where peer.isPlain: closeIfDone()
        case .closed: break
        default: context?.close(promise: nil)
        }
    }

    /// The server stops: idle connections end as soon as their peers know, others when their calls do.
    func drain(grace: Duration) {
        guard phase == .open || phase == .inputClosed else { return }
        phase = .draining
        drainGrace = grace
        announceDrain()
        resume()
    }

    /// Begins to drain, or goes on when hello has been said in the meantime.
    func announceDrain() {
        let ackDeadline = eventLoop.now + TimeAmount(limits.goawayAckDuration)
        let peerHears = features.contains(.goaway)
        guard drainState.begin(isPlain: peer.isPlain, peerHears: peerHears, ackDeadline: ackDeadline) else { return }
        let params = #"{"reason":"draining","grace_ms":\#(drainGrace.wholeMilliseconds)}"#
        writer.outbox.appendRequest(id: nil, method: "rpc.goaway", meta: nil, params: ByteBuffer(string: params))
        writer.added()
        wake(at: ackDeadline)
        for case let call? in calls where shared.isLong(call.method) {
            (call.observer as? HealthWatcher)?.look()
            call.cancel(.draining)
        }
    }

    /// The server waits no longer.
    func stop() {
        var error = RPCError.cancelled(.shutdown)
        error.notStarted = true
        for waiting in admission.takeAllWaiting() { refuse(waiting, error) }
        refuseChunked(error)
        endCalls(.shutdown)
        discardAndClose()
    }

    /// Not while replies have not been taken: what the peer has sent may wait behind them.
    func closeIfDone() {
        guard phase == .inputClosed || (phase == .draining && drainState.mayClose), admission.isIdle, incoming.isEmpty,
            !isProcessing, isWritable
        else { return }
        discardAndClose()
    }

    /// Writes what is left, says that nothing follows, and reads a little longer: closing with octets unread would
    /// reset the connection and take the last answer with it.
    func discardAndClose() {
        guard phase != .discarding, phase != .closed, let context else { return }
        let hasPeerClosed = phase == .inputClosed
        writer.flush()
        phase = .discarding
        endCalls(.disconnected)
        // Completes when everything before it has left.
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).assumeIsolated().whenComplete { _ in
            self.isOutputClosed = true
            self.context?.close(mode: hasPeerClosed ? .all : .output, promise: nil)
        }
        let time = eventLoop.now + TimeAmount(limits.discardDuration)
        _ = hasTakenMore()
        discardDeadline = time
        wake(at: time)
        if isReadHeld {
            isReadHeld = false
            context.read()
        }
    }

    func discard(_ count: Int) {
        discardedBytes += count
        if discardedBytes > limits.discardBytesMax { context?.close(promise: nil) }
    }

    /// The channel is gone: nobody waits for answers any more.
    func closed() {
        guard phase != .closed else { return }
        phase = .closed
        wakeup.cancel()
        endCalls(.disconnected)
        isWritable = true
        heldByBatches = 0
        countUnsent()
        reader = FrameReader(frameBytesMax: 0)
        settleCharge()
        onClose?()
        onClose = nil
    }

    private func endCalls(_ reason: RPCCancelReason) {
        _ = admission.takeAllWaiting()
        dropChunks()
        for case let call? in calls { call.cancel(reason) }
    }
}
