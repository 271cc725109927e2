import CCurl

extension CurlTransfer {
    /// Why the transfer cannot start, after ``configure(_:)``.
    var setupFailure: HTTPFetchError? {
        if let failure { return failure }
        return easy.setupFailure.map { .transport(code: Int($0.rawValue), text: text(for: $0)) }
    }

    /// Sets every option of the handle; nothing is left from its last use.
    func configure(_ options: CurlFetcherOptions) {
        easy.reset()
        configureProtocol(options)
        configureLimits()
        configureRoute()
        configureMessage(options)
        configureCallbacks()
    }

    private func configureProtocol(_ options: CurlFetcherOptions) {
        easy.set(CURLOPT_URL, hop.url.text)
        if let addresses = hop.addresses {
            easy.setAddresses("\(hop.url.host):\(hop.url.port):\(addresses.joined(separator: ","))")
        }
        easy.set(CURLOPT_PROTOCOLS_STR, "http,https")
        easy.set(CURLOPT_DISALLOW_USERNAME_IN_URL, true)
        // Every hop is decided by us; libcurl follows nothing by itself.
        easy.set(CURLOPT_FOLLOWLOCATION, false)
        easy.set(CURLOPT_HTTP_VERSION, ccurl_http_version_2_tls)
        // Rather another stream on a connection that is being made than another connection. HTTP/1 has no streams.
        easy.set(CURLOPT_PIPEWAIT, hop.url.scheme == "https")
        easy.set(CURLOPT_BUFFERSIZE, options.receiveBufferBytes)
        easy.set(CURLOPT_TCP_KEEPALIVE, true)
        // Signals and threads do not mix (manual, libcurl-thread); timeouts of names are kept by the resolver thread.
        easy.set(CURLOPT_NOSIGNAL, true)
        // Without it a transfer removed in mid-lookup waits for the resolver, and all other transfers wait with it.
        // The price the manual names, a resolver thread that outlives its transfer for a while, is no price here.
        easy.set(CURLOPT_QUICK_EXIT, true)
        configureIdentity(options)
    }

    /// Connections are used again only by requests with the same files: libcurl compares them.
    private func configureIdentity(_ options: CurlFetcherOptions) {
        let identity = hop.request.identity
        if let file = identity?.authority ?? options.certificateAuthorityFile { easy.set(CURLOPT_CAINFO, file) }
        if let file = identity?.certificate { easy.set(CURLOPT_SSLCERT, file) }
        if let file = identity?.key { easy.set(CURLOPT_SSLKEY, file) }
    }

    private func configureLimits() {
        // Refuses at the head what already says it is too long; what does not say so is counted as it arrives.
        // The length that a HEAD is told is of a body that does not come.
        if hop.request.method != "HEAD" { easy.setOffset(CURLOPT_MAXFILESIZE_LARGE, limits.bodyBytesMax) }
        easy.set(CURLOPT_TIMEOUT_MS, Self.milliseconds(hop.timeout))
        easy.set(CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(limits.connectTimeout))
        if limits.lowSpeedBytesPerSecond > 0 {
            easy.set(CURLOPT_LOW_SPEED_LIMIT, limits.lowSpeedBytesPerSecond)
            easy.set(CURLOPT_LOW_SPEED_TIME, max(1, Int(limits.lowSpeedDuration.components.seconds)))
        }
    }

    /// At least 1, as 0 means "no limit" to libcurl, and within the int it keeps them in.
    private static func milliseconds(_ duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        guard seconds < 2_000_000 else { return 2_000_000_000 }
        return max(1, Int(seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000))
    }

    private func configureRoute() {
        // Setting both, even to nothing, keeps http_proxy and no_proxy of the environment out.
        easy.set(CURLOPT_PROXY, hop.request.proxy ?? "")
        easy.set(CURLOPT_NOPROXY, "")
        // A proxy's answer to CONNECT is not the response.
        easy.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, true)
        // Headers are for the server; the proxy in between must not see them.
        easy.set(CURLOPT_HEADEROPT, Int(CURLHEADER_SEPARATE))
        if let proxy = hop.request.proxy { configureProxy(proxy) }
    }

    private func configureProxy(_ proxy: String) {
        do throws(HTTPFetchError) {
            peer = Peer(host: try ProxyURL(parsing: proxy).host, policy: hop.request.proxyPolicy)
        } catch {
            failure = error
        }
        // Behind a proxy the connection says nothing of the target, but a host that is an address says everything.
        if let policy = hop.request.policy, let address = IPAddress(hop.url.host),
            policy.decide(ip: address, port: hop.url.port, host: hop.url.host) == .denied
        {
            failure = refusal("\(address)", port: hop.url.port, host: hop.url.host, policy)
        }
    }

    private func configureMessage(_ options: CurlFetcherOptions) {
        let request = hop.request
        switch (request.method, request.body) {
        case ("PUT", nil) where request.upload != nil:
            // Makes it a PUT; without a size libcurl would send chunks, which S3 does not take.
            easy.set(CURLOPT_UPLOAD, true)
            easy.setOffset(CURLOPT_INFILESIZE_LARGE, request.upload?.range.count ?? 0)
            easy.set(CURLOPT_UPLOAD_BUFFERSIZE, Self.uploadBufferBytes)
        case ("GET", nil): easy.set(CURLOPT_HTTPGET, true)
        case ("HEAD", _): easy.set(CURLOPT_NOBODY, true)
        case (let method, nil) where method != "POST": easy.set(CURLOPT_CUSTOMREQUEST, method)
        case (let method, let body):
            easy.set(CURLOPT_POST, true)
            easy.setBody(body ?? [])
            if method != "POST" { easy.set(CURLOPT_CUSTOMREQUEST, method) }
        }
        easy.set(CURLOPT_USERAGENT, options.userAgent)
        if request.acceptsCompression { easy.set(CURLOPT_ACCEPT_ENCODING, "gzip, deflate, br") }
        easy.setHeaders(headerLines)
    }

    /// What is asked of a file at once.
    private static let uploadBufferBytes = 256 << 10

    private var headerLines: [String] {
        let given = hop.request.headers.map { header in
            let value = header.value.drop { $0 == " " || $0 == "\t" }
            // In libcurl's language "Name:" removes a header; "Name;" is the one with no value.
            return value.isEmpty ? "\(header.name);" : "\(header.name): \(value)"
        }
        // What libcurl would add by itself: a pause of a second before large bodies, and a type it cannot know.
        let hasType = hop.request.headers.contains { FetchHeaderRules.isSameName($0.name, "content-type") }
        return given + (hasType ? ["Expect:"] : ["Expect:", "Content-Type:"])
    }

    private func configureCallbacks() {
        // Not retained: the loop holds the transfer until its handle is out of the multi handle.
        let context = Unmanaged.passUnretained(self).toOpaque()
        easy.set(CURLOPT_WRITEFUNCTION, CurlCallbacks.receiveBody)
        easy.set(CURLOPT_WRITEDATA, context)
        easy.set(CURLOPT_HEADERFUNCTION, CurlCallbacks.receiveHead)
        easy.set(CURLOPT_HEADERDATA, context)
        if hop.request.upload != nil {
            easy.set(CURLOPT_READFUNCTION, CurlCallbacks.sendBody)
            easy.set(CURLOPT_READDATA, context)
            easy.setSeek(CurlCallbacks.seekBody)
            easy.set(CURLOPT_SEEKDATA, context)
        }
        // A proxy of the operator mostly stands on a private address.
        guard hop.request.proxy == nil || peer.policy != nil else { return }
        easy.setOpenSocket(CurlCallbacks.openSocket)
        easy.set(CURLOPT_OPENSOCKETDATA, context)
        easy.setPrerequest(CurlCallbacks.beforeRequest)
        easy.set(CURLOPT_PREREQDATA, context)
    }
}
