import CCurl

extension CurlTransfer {
    /// What the caller is told, after libcurl has said `code`.
    func outcome(of code: CURLcode) -> CurlHop.Outcome {
        if code == CURLE_OK, failure == nil { return .success((response(), easy.string(CURLINFO_REDIRECT_URL))) }
        return .failure(error(for: code))
    }

    private func error(for code: CURLcode) -> HTTPFetchError {
        if let failure { return failure }
        // With one address allowed and unreachable, "unreachable" is the news, and may be tried again.
        if let denial, !hasAllowedAddress { return denial }
        switch code {
        case CURLE_OPERATION_TIMEDOUT: return .timedOut(passedLimit)
        case CURLE_FILESIZE_EXCEEDED: return .bodyTooLarge(limit: limits.bodyBytesMax)
        case CURLE_URL_MALFORMAT: return .invalidURL(reason: text(for: code))
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS:
            return .certificateRefused(text(for: code))
        // libcurl's text names the file.
        case CURLE_SSL_CERTPROBLEM where hop.request.identity != nil,
            CURLE_SSL_CACERT_BADFILE where hop.request.identity != nil:
            return .identityUnusable
        default: return .transport(code: Int(code.rawValue), text: text(for: code))
        }
    }

    /// What libcurl says of a failure.
    func text(for code: CURLcode) -> String { easy.text(for: code, isGeneral: hop.request.proxy != nil) }

    /// libcurl has one code for three limits; the times tell which. Its timers may fire a little early.
    private var passedLimit: HTTPFetchTimeout {
        let slack = Duration.milliseconds(20)
        if total + slack >= hop.timeout { return .whole }
        return easy.offset(CURLINFO_PRETRANSFER_TIME_T) == 0 ? .connect : .lowSpeed
    }

    private var total: Duration { time(CURLINFO_TOTAL_TIME_T) }

    private func time(_ info: CURLINFO) -> Duration {
        .microseconds(easy.offset(info))
    }

    private func response() -> HTTPFetchResponse {
        var timings = HTTPFetchTimings()
        timings.nameLookup = time(CURLINFO_NAMELOOKUP_TIME_T)
        timings.connect = time(CURLINFO_CONNECT_TIME_T)
        timings.tls = time(CURLINFO_APPCONNECT_TIME_T)
        timings.firstByte = time(CURLINFO_STARTTRANSFER_TIME_T)
        timings.total = total
        return HTTPFetchResponse(
            status: easy.integer(CURLINFO_RESPONSE_CODE), headers: ResponseHead.headers(head), body: takeBody(),
            effectiveURL: hop.url.text, remoteAddress: easy.string(CURLINFO_PRIMARY_IP) ?? "",
            reusedConnection: easy.integer(CURLINFO_NUM_CONNECTS) == 0, httpVersion: httpVersion, timings: timings)
    }

    /// Moves the body out, so that it is never copied.
    private func takeBody() -> [UInt8] {
        defer { body = [] }
        return body
    }

    private var httpVersion: String {
        switch easy.integer(CURLINFO_HTTP_VERSION) {
        case 1: "1.0"
        case 3: "2"
        default: "1.1"
        }
    }
}
