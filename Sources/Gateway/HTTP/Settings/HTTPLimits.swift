package import NIOCore

/// What one HTTP port takes at most. Every value has a default; those worth setting are `gateway.*` settings of the same
/// name.
package struct HTTPLimits: Sendable {
    /// Octets of a request line and its header fields.
    package var headerBytesMax = 16 * 1024
    /// Header fields of one request, trailers included.
    package var headerFieldsMax = 100
    /// From a head's first octet to its last; a client that dribbles is let go after it.
    package var headerTimeout = TimeAmount.seconds(10)
    /// Octets of a request body. 50 MiB is what document 001 promises.
    package var bodyBytesMax = 50 * 1024 * 1024
    /// What every body may take to arrive; `bodyBytesPerSecondMin` adds to it.
    package var bodyTimeout = TimeAmount.seconds(30)
    /// The slowest upload that is waited for, averaged over the body.
    package var bodyBytesPerSecondMin = 64 * 1024
    /// How long a connection may wait for its next request.
    package var idleTimeout = TimeAmount.seconds(60)
    /// How long a client may take none of the octets we have for it.
    package var stallTimeout = TimeAmount.seconds(60)
    /// Connections open at the same time, all façades together.
    package var connectionsMax = 8_192
    /// Calls under way at the same time, all façades together.
    package var callsMax = 4_096
    /// Octets of bodies and large answers held at the same time, all façades together.
    package var inFlightBytesMax = 256 * 1024 * 1024
    /// Octets of the longest JSON answer that is compressed; zero: none is.
    package var compressedBytesMax = 8 * 1024 * 1024
    /// Parts of later requests that wait for the present one, before reading stops.
    package var backlogPartsMax = 64
    /// Octets of a refused body that are read and dropped, so that the connection can be kept.
    package var discardBytesMax = 64 * 1024
    /// Octets dropped after the last answer, so that closing does not take the answer away from the client.
    package var lingerBytesMax = 1024 * 1024
    /// How long octets are dropped after the last answer.
    package var lingerTimeout = TimeAmount.seconds(1)

    /// The defaults.
    package init() {}
}
