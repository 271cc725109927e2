/// The bounds of one connection. Every default is the wire specification's.
public struct RPCLimits: Sendable, Hashable {
    /// Longest frame from a peer that has not said hello.
    public var plainFrameBytesMax = 8 << 20
    /// Longest frame from a peer that has not shown the credentials it needs: room for a hello.
    public var strangerFrameBytesMax = 64 << 10
    /// Longest frame after hello; above the 50 MB body one of the documents allows.
    public var frameBytesMax = 64 << 20
    /// Calls of a plain peer that run at the same time.
    public var plainInFlightMax = 64
    /// Calls of a plain peer that wait for one of those; then reading stops.
    public var plainWaitingMax = 64
    /// Octets of waiting calls; then reading stops.
    public var plainWaitingBytesMax = 1 << 20
    /// Calls of a negotiated peer that run at the same time; more are refused. As many as the lane of a client of ours
    /// for calls that wait asks for; others ask for less.
    public var inFlightMax = 4096
    /// Frames answered -32700 or -32600 within a minute that end a connection.
    public var protocolErrorsPerMinuteMax = 10
    /// Time a frame has from its first octet to its last, beside the time its length earns.
    public var frameDuration = Duration.seconds(30)
    /// Octets a second that a long frame must keep up.
    public var frameBytesPerSecondMin = 64 << 10
    /// How long the next chunk of a call may take while its sender has credit.
    public var chunkDuration = Duration.seconds(30)
    /// Octets that the unfinished messages and the running calls of one connection may hold.
    public var heldBytesMax = 64 << 20
    /// Octets read and thrown away after the last answer, so that the answer is not lost in a reset.
    public var discardBytesMax = 1 << 20
    /// How long that may take.
    public var discardDuration = Duration.seconds(1)
    /// How long a stream waits for a credit.
    public var creditDuration = Duration.seconds(60)
    /// How long a peer may take nothing of what is written to it.
    public var writeStallDuration = Duration.seconds(30)
    /// Octets of refusals a negotiated peer may leave unread.
    public var refusalBytesMax = 1 << 20
    /// How long a stopping server waits for the answer to goaway before it refuses calls.
    public var goawayAckDuration = Duration.seconds(1)
    /// Longest reply to a batch; the items that do not fit get -32070.
    public var batchReplyBytesMax = 16 << 20

    /// The defaults.
    public init() {}
}
