import NIOCore

/// A request to export that has been read and checked.
struct Submission: Sendable {
    var request: ExportRequest
    /// The body in canonical JSON, as it is kept; without the rows of a raw export, which have a file of their own.
    var body: [UInt8]
    /// The MD5 of the whole body.
    var key: HashKey
    /// Scheme, host and port of the HTTP request, for `down_url`; nil when it came by RPC.
    var base: String?

    /// What every submitter of this body is answered.
    var answer: ByteBuffer { ByteBuffer(string: #"{"hash_key":"\#(key)"}"#) }
}
