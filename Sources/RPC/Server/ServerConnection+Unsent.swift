import NIOCore

/// What was written and not taken, and how long a peer may leave it.
extension ServerConnection {
    /// A plain peer that does not take its replies is given no more of them: what has been read waits.
    var isHeldByReplies: Bool { peer.isPlain && !isWritable }

    func writabilityChanged(isWritable: Bool) {
        self.isWritable = isWritable
        countUnsent()
        settleCharge()
        if isWritable {
            writeDeadline = nil
            refusalBytes = 0
            resume()
        } else {
            let time = eventLoop.now + TimeAmount(limits.writeStallDuration)
            _ = hasTakenMore()
            writeDeadline = time
            wake(at: time)
        }
    }

    /// Looks at what the socket has not taken, once that is more than a little.
    func countUnsent() {
        unsentBytes = isWritable ? 0 : bufferedBytes
    }

    /// Counts what is answered at once to a peer that takes nothing; false when that was too much and the connection
    /// ends. Answers of calls are bounded by the calls in flight, these by nothing else.
    func countsAsTaken(_ outcome: Result<ByteBuffer, RPCError>) -> Bool {
        guard !isWritable else { return true }
        switch outcome {
        case .success(let result): refusalBytes += result.readableBytes + Self.envelopeBytes
        case .failure(let error): refusalBytes += error.message.utf8.count + Self.envelopeBytes
        }
        guard refusalBytes > limits.refusalBytesMax else { return true }
        context?.close(promise: nil)
        return false
    }

    /// About what stands around a small answer.
    private static let envelopeBytes = 128

    /// Whether the peer has taken anything since this was last asked.
    func hasTakenMore() -> Bool {
        let taken = writer.writtenBytes - bufferedBytes
        defer { takenBytes = taken }
        return taken > takenBytes
    }

    /// The time to take what was written is over, and nothing was taken in it; a slow reader gets the same time again.
    func isStalled(now: NIODeadline) -> Bool {
        let patience = TimeAmount(limits.writeStallDuration)
        guard
            let limit = discardDeadline
                ?? [writeDeadline, outgoing.blockedSince.map { $0 + patience }].compactMap({ $0 }).min(),
            limit <= now
        else { return false }
        guard !isOutputClosed, hasTakenMore() else { return true }
        if discardDeadline != nil { discardDeadline = now + TimeAmount(limits.discardDuration) }
        if writeDeadline != nil { writeDeadline = now + patience }
        outgoing.goesOn()
        return false
    }

    /// Octets that the channel still holds.
    private var bufferedBytes: Int { (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0 }
}
