/// What a byte stream is: the head of a download, sent before its first octet.
public struct RPCContent: Sendable, Hashable {
    /// The media type.
    public var type: String
    /// The file name offered to whoever saves it; none, no `Content-Disposition`.
    public var name: String?
    /// How many octets follow; none when the sender does not know.
    public var size: Int?
    /// Which part of the whole follows.
    public var range: ByteRange?
    /// The entity tag, quotes included.
    public var etag: String?
    /// When the content last changed, in seconds since 1970.
    public var modified: Int?
    /// The HTTP status when it is not what the request suggests, such as 304.
    public var status: Int?

    /// Octets `first…last` of `total`.
    public struct ByteRange: Sendable, Hashable {
        /// Offset of the first octet that follows.
        public var first: Int
        /// Offset of the last octet that follows.
        public var last: Int
        /// Octets of the whole.
        public var total: Int

        /// A part of a whole.
        public init(first: Int, last: Int, total: Int) {
            self.first = first
            self.last = last
            self.total = total
        }
    }

    /// A stream of a media type; all else is optional.
    public init(
        type: String, name: String? = nil, size: Int? = nil, range: ByteRange? = nil, etag: String? = nil,
        modified: Int? = nil, status: Int? = nil
    ) {
        self.type = type
        self.name = name
        self.size = size
        self.range = range
        self.etag = etag
        self.modified = modified
        self.status = status
    }
}
