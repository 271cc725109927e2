import JSONBytes
import NIOCore

/// Octets that a connection holds, and what happens when there are too many.
extension ServerConnection {
    /// Octets of running and waiting calls, and of replies that have not left or that their callers have not taken.
    private var callBytes: Int {
        heldByCalls + heldByBatches + admission.waitingBytes + outgoing.byteCount + unsentBytes
    }

    /// True when a negotiated peer asks for more while it leaves so many replies unread that memory is spent.
    var owesTooMuch: Bool { outgoing.byteCount > 0 && charge.isSpent }

    /// Counts what has arrived or gone. Costs a comparison as long as the connection holds little.
    @inline(__always)
    func settleCharge() {
        if !isWritable { countUnsent() }
        let held = reader.byteCount + incoming.byteCount + callBytes
        if charge.needsSettling(held: held) { settleCharge(held: held) }
    }

    private func settleCharge(held: Int) {
        let hasLongFrame = reader.byteCount > ConnectionCharge.stepBytes
        charge.settle(held: held, isUnfinished: phase != .closed && (hasLongFrame || !incoming.isEmpty))
        if oldestIncoming != incoming.oldest {
            oldestIncoming = incoming.oldest
            charge.endMessage()
            if oldestIncoming != nil || hasLongFrame { charge.begin() }
        }
        if !incoming.isEmpty, charge.isBlocked(others: callBytes) { awaitBudget() }
        if !peer.isPlain, (reader.lengthBegun ?? 0) > Self.refusedBytesMin,
            charge.isBlocked(others: callBytes + incoming.byteCount)
        {
            refuseFrame()
        }
    }

    /// No chunk is longer than this: one that was thrown away would leave a hole in its message.
    private static let refusedBytesMin =
        ExtendedFrame.prologueBytes + ExtendedFrame.headerBytesMax + ExtendedFrame.chunkBytesMax

    /// True when a plain peer is not read because of what is held. Whoever holds little is always read.
    var isBlockedByBudget: Bool { charge.isBlocked(others: callBytes) }

    /// A read is put off; it happens when there is a reason to.
    func holdRead() {
        isReadHeld = true
        // The rest of a frame cannot come in time while nobody reads it.
        frameDeadline = nil
        if isBlockedByBudget { awaitBudget() }
    }

    /// Goes on when octets have become free or another message is the oldest.
    private func awaitBudget() {
        guard !awaitsBudget else { return }
        awaitsBudget = true
        charge.wait(others: callBytes) { [weak self] in
            guard let self else { return }
            self.eventLoop.execute { self.budgetChanged() }
        }
    }

    private func budgetChanged() {
        awaitsBudget = false
        grantDueCredits()
        resume()
        if isReadHeld { holdRead() }
    }

    /// What the budgets leave to calls in chunks.
    var room: OctetRoom {
        charge.begin()
        return charge.room(others: callBytes + reader.byteCount, mayRefuse: true)
    }

    /// A negotiated peer is always read, so a long frame for which there is no room is thrown away as it comes. Its call
    /// is refused if its id stands in front; without one nobody could be told, and the connection ends.
    private func refuseFrame() {
        let head = reader.skipFrame()
        settleCharge()
        let error = RPCError.overloaded("no memory is left for long frames, try again later")
        guard let id = Self.id(in: head) else { return giveUp(error) }
        reply(id: id, batch: nil, .failure(error))
    }

    /// The id of a message of which the beginning is here.
    private static func id(in head: ByteBuffer) -> RPCMessageID? {
        var found: ByteBuffer?
        var finder = JSONMemberFinder()
        head.withUnsafeReadableBytes { bytes in
            finder.advance(bytes) { key, value in
                if JSONScanner.isEqual(JSONScanner.slice(bytes, key), to: "id") { found = head.slice(value) }
            }
        }
        guard let found, found.readableBytes <= RPCMessageID.bytesMax,
            (try? found.withUnsafeReadableBytes { try JSONValidator.validate($0, depthMax: 0) }) != nil
        else { return nil }
        return RPCMessageID(token: found)
    }
}
