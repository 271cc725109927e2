/// One HTTP request and everything it may cost.
package struct HTTPFetchRequest: Sendable {
    /// GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS.
    package var method: String
    /// An absolute `http` or `https` URL without credentials.
    package var url: String
    /// Sent as given, in this order. See ``FetchHeaderRules`` for what is refused.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]?
    /// A part of a file as the body of a PUT, read while it is sent; instead of ``body``.
    package var upload: HTTPUpload?
    /// Takes the body of a 200 or 206, which the response then has not; of other answers it is held as ever.
    package var download: HTTPDownload?
    package var limits: HTTPFetchLimits
    /// Which addresses may be connected to; nil lets every address pass and is for URLs of the operator only.
    package var policy: AddressPolicy?
    /// How many redirects are followed; 0 returns a 3xx response as it is.
    package var redirectsMax: Int
    /// A proxy's URL, such as `http://proxy:3128` or `socks5h://user:password@proxy:1080`.
    ///
    /// The proxy resolves names and makes the connections, so ``policy`` can then judge only what is known here: hosts
    /// written as addresses, and names that resolve here. Of the others the proxy must judge. Proxies named in
    /// environment variables are never used.
    package var proxy: String?
    /// Which addresses the proxy itself may have; nil lets every address pass and is for proxies of the operator only.
    package var proxyPolicy: AddressPolicy?
    /// Certificates for this server only; they stay behind when a redirect leads elsewhere.
    package var identity: HTTPIdentity?
    /// Offers gzip, deflate and brotli, and decodes what comes. Without it the body is given as received.
    package var acceptsCompression: Bool

    package init(
        method: String = "GET", url: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil,
        upload: HTTPUpload? = nil, download: HTTPDownload? = nil, limits: HTTPFetchLimits = HTTPFetchLimits(),
        policy: AddressPolicy?,
        redirectsMax: Int = 0,
        proxy: String? = nil, proxyPolicy: AddressPolicy? = nil, identity: HTTPIdentity? = nil,
        acceptsCompression: Bool = true
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.upload = upload
        self.download = download
        self.limits = limits
        self.policy = policy
        self.redirectsMax = redirectsMax
        self.proxy = proxy
        self.proxyPolicy = proxyPolicy
        self.identity = identity
        self.acceptsCompression = acceptsCompression
    }
}

/// What one request may cost, redirects included.
package struct HTTPFetchLimits: Sendable, Equatable {
    /// Bytes of the body after decoding, counted as they arrive: a compression bomb ends here.
    package var bodyBytesMax: Int
    /// Bytes of all response heads together.
    package var headerBytesMax: Int
    /// From start to last byte, waiting for a free connection included.
    package var timeout: Duration
    /// Name lookup, TCP and TLS together.
    package var connectTimeout: Duration
    /// Slower than this on average over ``lowSpeedDuration`` ends the transfer; 0 switches the check off.
    package var lowSpeedBytesPerSecond: Int
    /// In whole seconds, at least 1.
    package var lowSpeedDuration: Duration

    package init(
        bodyBytesMax: Int = 32 << 20, headerBytesMax: Int = 64 << 10, timeout: Duration = .seconds(60),
        connectTimeout: Duration = .seconds(10), lowSpeedBytesPerSecond: Int = 1,
        lowSpeedDuration: Duration = .seconds(30)
    ) {
        self.bodyBytesMax = bodyBytesMax
        self.headerBytesMax = headerBytesMax
        self.timeout = timeout
        self.connectTimeout = connectTimeout
        self.lowSpeedBytesPerSecond = lowSpeedBytesPerSecond
        self.lowSpeedDuration = lowSpeedDuration
    }
}
