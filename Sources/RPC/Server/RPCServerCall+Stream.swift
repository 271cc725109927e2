public import NIOCore

/// The octets of a call's answer on their way out.
enum StreamOutput {
    /// As x-frames; the content goes with the first chunk.
    case chunks(StreamCredit<Chunk>, content: RPCContent?)
    /// Gathered into one reply.
    case piece(PlainStream)

    struct Chunk {
        var octets: ByteBuffer
        var isLast: Bool
        var sent: CheckedContinuation<Void, any Error>?
    }
}

extension RPCServerCall {
    /// Begins to answer with octets.
    public func open(_ content: RPCContent) {
        eventLoop.preconditionInEventLoop()
        guard !isAnswered, stream == nil else { return }
        if connection.takesChunks, batch == nil, !meta.callerIsPlain {
            let credit = meta.stream?.credit ?? RPCStreamOptions.creditDefault
            stream = .chunks(StreamCredit(credit: credit), content: content)
        } else {
            stream = .piece(PlainStream(params: params))
        }
    }

    /// Which of the stream's last `count` octets the caller takes; the others need not be sent.
    func wanted(ofLast count: Int) -> Range<Int> {
        guard case .piece(var piece) = stream else { return 0..<count }
        let wanted = piece.narrow(toLast: count)
        stream = .piece(piece)
        return wanted
    }

    /// Sends octets, at most 64 KiB; each chunk costs a credit and waits in order until there is one. The last chunk
    /// is the answer.
    public func send(chunk: ByteBuffer, isLast: Bool) {
        send(.init(octets: chunk, isLast: isLast, sent: nil))
    }

    /// Sends octets in as many chunks as they take: one way to the loop for all of them. `sent` hears when the caller
    /// takes the last one.
    func send(_ octets: ByteBuffer, sent: CheckedContinuation<Void, any Error>) {
        var rest = octets
        while let chunk = rest.readSlice(length: min(rest.readableBytes, ExtendedFrame.chunkBytesMax)) {
            let isEnd = rest.readableBytes == 0
            send(.init(octets: chunk, isLast: false, sent: isEnd ? sent : nil))
            if isEnd { return }
        }
    }

    func send(_ chunk: StreamOutput.Chunk) {
        eventLoop.preconditionInEventLoop()
        guard !isAnswered else {
            chunk.sent?.resume(throwing: CancellationError())
            return
        }
        switch stream {
        case .chunks(var credit, let content):
            stream = nil
            // An empty last chunk carries nothing but the end, and is free.
            let isFree = chunk.isLast && chunk.octets.readableBytes == 0 && credit.starvedSince == nil
            let goesOut = isFree || credit.offer(chunk, now: eventLoop.now)
            stream = .chunks(credit, content: content)
            if goesOut { emit(chunk) } else { connection.wakeForStarvation(since: eventLoop.now) }
        case .piece(var piece):
            stream = nil
            piece.append(chunk.octets)
            stream = .piece(piece)
            gathered(chunk, piece)
        case nil:
            chunk.sent?.resume(throwing: RPCError(.internal, "octets were sent before the stream was opened"))
        }
    }

    /// The handler is done: ends the stream cleanly, unless the call was over before.
    func finishStream() {
        runsTask = false
        if isAnswered {
            ended()
        } else if stream == nil {
            fail(RPCError(.internal, "the handler ended without opening its stream"))
        } else {
            send(chunk: ByteBuffer(), isLast: true)
        }
    }

    /// The caller takes more chunks or items.
    func credited(_ count: Int) {
        guard !isAnswered else { return }
        events?.items.grant(count)
        sendCreditedItems()
        if case .chunks(var credit, let content) = stream {
            stream = nil
            credit.grant(count)
            var ready: [StreamOutput.Chunk] = []
            while let chunk = credit.next() { ready.append(chunk) }
            stream = .chunks(credit, content: content)
            for chunk in ready { emit(chunk) }
        }
        observer?.callCredited(self, count: count)
    }

    /// Writers that wait for credit hear that there will be none.
    func releaseWaiters() {
        guard events != nil || stream != nil else { return }
        for item in events?.items.removeAll() ?? [] { item.sent?.resume(throwing: CancellationError()) }
        if case .chunks(var credit, let content) = stream {
            stream = nil
            let waiting = credit.removeAll()
            stream = .chunks(credit, content: content)
            for chunk in waiting { chunk.sent?.resume(throwing: CancellationError()) }
        }
    }

    /// Since when the call waits for a credit.
    var starvedSince: NIODeadline? {
        if let since = events?.items.starvedSince { return since }
        if case .chunks(let credit, _) = stream { return credit.starvedSince }
        return nil
    }

    private func emit(_ chunk: StreamOutput.Chunk) {
        guard let id, case .chunks(let credit, let content) = stream else { return }
        if chunk.isLast {
            flushEvents()
            isAnswered = true
            count(.success(chunk.octets))
        }
        connection.sendChunk(chunk.octets, id: id, content: content, isLast: chunk.isLast)
        stream = .chunks(credit, content: nil)
        chunk.sent?.resume()
        if chunk.isLast {
            releaseWaiters()
            ended()
        }
    }

    private func gathered(_ chunk: StreamOutput.Chunk, _ piece: PlainStream) {
        if chunk.isLast {
            chunk.sent?.resume()
            succeed(piece.result)
        } else if piece.isComplete {
            answer(.success(piece.result))
            chunk.sent?.resume(throwing: CancellationError())
            stopWork(.satisfied)
        } else {
            chunk.sent?.resume()
            // A plain peer knows no credits: what has been taken in is asked for again.
            observer?.callCredited(self, count: 1)
        }
    }
}
