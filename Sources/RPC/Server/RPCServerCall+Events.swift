public import NIOCore

/// The events of a call, counted from 1, or on from the last one that its caller has seen.
struct EventOutput {
    var seq = 0
    var progress = ProgressThrottle()
    var items: StreamCredit<Item>

    /// An item that waits for its credit, and who waits with it.
    struct Item {
        var data: ByteBuffer
        var sent: CheckedContinuation<Void, any Error>?
    }
}

extension RPCServerCall {
    /// True when the caller takes events: it negotiated streams and asked for them with this call.
    public var takesEvents: Bool { events != nil }

    /// Reports progress. Reports that come faster than ten a second replace each other.
    public func progress(_ json: ByteBuffer) {
        eventLoop.preconditionInEventLoop()
        guard !isAnswered, events != nil else { return }
        switch events!.progress.offer(json, now: eventLoop.now) {
        case .send: send(.progress, json)
        case .hold(let time): connection.wake(at: time)
        }
    }

    /// Sends part of the answer; it costs a credit of the caller's and waits in order until there is one.
    public func item(_ json: ByteBuffer) {
        item(json, sent: nil)
    }

    func item(_ json: ByteBuffer, sent: CheckedContinuation<Void, any Error>?) {
        eventLoop.preconditionInEventLoop()
        guard !isAnswered else {
            sent?.resume(throwing: CancellationError())
            return
        }
        guard events != nil else {
            sent?.resume()
            return
        }
        if events!.items.offer(.init(data: json, sent: sent), now: eventLoop.now) {
            send(.item, json)
            sent?.resume()
        } else {
            connection.wakeForStarvation(since: eventLoop.now)
        }
    }

    /// A line for people; never dropped, costs nothing.
    public func log(_ json: ByteBuffer) {
        guard !isAnswered, events != nil else { return }
        send(.log, json)
    }

    func sendDueProgress(now: NIODeadline) {
        if let report = events?.progress.due(now: now) { send(.progress, report) }
    }

    func flushEvents() {
        if let report = events?.progress.flush() { send(.progress, report) }
    }

    func sendCreditedItems() {
        while let item = events?.items.next() {
            send(.item, item.data)
            item.sent?.resume()
        }
    }

    private func send(_ kind: RPCEvent.Kind, _ data: ByteBuffer) {
        guard let id else { return }
        events!.seq += 1
        connection.sendEvent(RPCEvent(seq: events!.seq, kind: kind, data: data), id: id)
    }
}
