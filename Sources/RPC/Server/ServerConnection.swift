import Logging
import NIOCore
import NIOSSL
import NIOTLS

/// One connection of a server: takes octets from the channel, gives frames to the rules, writes what they answer.
///
/// The rules live in structs of their own: `FrameReader`, `AdmissionQueue`, `StrikeCounter`, `StreamCredit`; this class
/// carries out what they decide. `@unchecked Sendable`, because it is used on its event loop only.
final class ServerConnection: ChannelDuplexHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    enum Phase {
        case open
        /// The peer will send no more; it still gets its replies.
        case inputClosed
        /// The server stops: what runs is finished.
        case draining
        /// The last answer is on its way; input is thrown away until the peer closes.
        case discarding
        case closed
    }

    /// A call that waits for its turn.
    struct Waiting {
        var request: RequestEnvelope
        var batch: (reply: BatchReply, index: Int)?
        var arrival: NIODeadline
    }

    let shared: ServerShared
    let eventLoop: any EventLoop
    let workers: HandlerWorkers
    var logger: Logger { shared.logger }
    var limits: RPCLimits { shared.configuration.limits }
    var context: ChannelHandlerContext?

    var phase = Phase.open
    /// What a stopping server still owes this peer; follows `phase` from `draining` on.
    var drainState = DrainState()
    /// How long calls in flight have, as told to the peer.
    var drainGrace = Duration.zero
    var peer = RPCPeer(address: nil)
    var credentials: PeerCredentials
    var features: Set<RPCFeature> = [] {
        didSet { takesMeta = features.contains(.meta) }
    }
    /// `meta` is among them: asked with every call.
    private(set) var takesMeta = false
    var reader: FrameReader
    let writer: FrameWriter
    var admission: AdmissionQueue<Waiting>
    var strikes: StrikeCounter
    /// What is charged to the budget, and the calls' part of it.
    var charge: ConnectionCharge
    var heldByCalls = 0
    /// Octets of replies that wait for the others of their batch.
    var heldByBatches = 0
    /// The message in chunks whose age the charge tells.
    var oldestIncoming: RPCMessageID?
    /// True while the budget will say when there is room again.
    var awaitsBudget = false
    /// Calls of which not all chunks have come.
    var incoming: ChunkAssembly<ChunkedCall>
    /// Replies of which not all chunks have left.
    let outgoing: ChunkWriter<RPCServerCall>
    /// The longest frame the peer takes.
    var peerFrameBytesMax = Int.max
    /// Longer results do not leave as one plain frame.
    var plainReplyBytesMax = Int.max
    var lastMethod: (name: String, served: ServedMethod)?
    var wakeup = Wakeup()
    /// The calls that run, by slot; nil slots are free and listed.
    var calls: [RPCServerCall?] = []
    var freeSlots: [Int] = []
    /// Until when the frame that is coming may take; nil when none is.
    var frameDeadline: NIODeadline?
    /// Since when it has been coming, and its length as far as that is known.
    var frameBegan = NIODeadline.uptimeNanoseconds(0)
    var frameLength = 0
    /// When a peer that takes nothing of what is written to it is given up.
    var writeDeadline: NIODeadline?
    /// Octets that the peer had taken when it was last asked.
    var takenBytes = 0
    var discardDeadline: NIODeadline?
    /// The last octets have left.
    var isOutputClosed = false
    var discardedBytes = 0
    /// False while so much is written that the peer has not taken.
    var isWritable = true
    /// How much that was when it was last looked at.
    var unsentBytes = 0
    /// Octets of refusals written while the peer takes nothing.
    var refusalBytes = 0
    /// When the frames being handled were taken up: one look at the clock for all of them.
    var arrivalTime = NIODeadline.uptimeNanoseconds(0)
    var isReadHeld = false
    var isProcessing = false
    /// What a peer is told for whom there is no room, before the connection ends.
    var refusal: RPCError?
    /// Told once, when the channel is gone.
    var onClose: (@Sendable () -> Void)?

    init(shared: ServerShared, eventLoop: any EventLoop, workers: HandlerWorkers) {
        self.shared = shared
        self.eventLoop = eventLoop
        self.workers = workers
        writer = FrameWriter(eventLoop: eventLoop)
        let limits = shared.configuration.limits
        credentials = PeerCredentials(shared.configuration)
        reader = FrameReader(
            frameBytesMax: credentials.isAdmitted ? limits.plainFrameBytesMax : limits.strangerFrameBytesMax)
        admission = AdmissionQueue(limits: limits)
        charge = ConnectionCharge(budget: shared.configuration.budget, heldBytesMax: limits.heldBytesMax)
        incoming = ChunkAssembly(bytesMax: limits.frameBytesMax, heldBytesMax: limits.heldBytesMax)
        outgoing = ChunkWriter(writer: writer, eventLoop: eventLoop)
        strikes = StrikeCounter(limit: limits.protocolErrorsPerMinuteMax)
        outgoing.finished = { $0.finishedSending() }
        outgoing.waits = { [unowned self] in
            if self.outgoing.blockedSince != nil { _ = self.hasTakenMore() }
            if let time = self.chunkTimes.min() { self.wake(at: time) }
        }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        writer.context = context
        peer = RPCPeer(address: context.channel.remoteAddress)
    }

    /// Also the end of a channel that never became active.
    func handlerRemoved(context: ChannelHandlerContext) {
        closed()
        self.context = nil
        writer.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        if let refusal { giveUp(refusal) }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let octets = unwrapInboundIn(data)
        writer.isReading = true
        if phase == .discarding {
            discard(octets.readableBytes)
        } else if phase != .closed {
            reader.append(octets)
            process()
            closeIfDone()
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        writer.isReading = false
        writer.flush()
        context.fireChannelReadComplete()
    }

    /// Reads are held back while a plain peer has to wait; a negotiated one is always read.
    func read(context: ChannelHandlerContext) {
        if wantsRead { context.read() } else { holdRead() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { inputClosed() }
        if case .handshakeCompleted? = event as? TLSUserEvent { handshakeCompleted(context.pipeline.syncOperations) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        writabilityChanged(isWritable: context.channel.isWritable)
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        closed()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger.debug("connection failed: \(error)", metadata: ["peer": "\(peer.address?.description ?? "?")"])
        context.close(promise: nil)
    }
}
