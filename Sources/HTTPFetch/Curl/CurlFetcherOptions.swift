/// What all transfers of one fetcher share.
package struct CurlFetcherOptions: Sendable {
    /// Connections to one host and port; further requests wait for a free one.
    package var connectionsPerHostMax: Int
    /// Connections in all.
    package var connectionsMax: Int
    /// Sent unless a request brings its own.
    package var userAgent: String
    /// A PEM file of certificate authorities trusted instead of the system's.
    package var certificateAuthorityFile: String?
    /// Bytes asked of the kernel at once, and held by each transfer; above 128 KiB nothing gets faster.
    package var receiveBufferBytes: Int
    /// Resolves host names instead of the system's resolver, at every hop; none found fails the hop.
    package var names: (@Sendable (_ host: String) async -> [String])?

    package init(
        connectionsPerHostMax: Int = 64, connectionsMax: Int = 256, userAgent: String = "pailou",
        certificateAuthorityFile: String? = nil, receiveBufferBytes: Int = 128 << 10,
        names: (@Sendable (_ host: String) async -> [String])? = nil
    ) {
        self.connectionsPerHostMax = connectionsPerHostMax
        self.connectionsMax = connectionsMax
        self.userAgent = userAgent
        self.certificateAuthorityFile = certificateAuthorityFile
        self.receiveBufferBytes = receiveBufferBytes
        self.names = names
    }
}
