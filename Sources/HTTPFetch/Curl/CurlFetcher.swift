import CCurl

/// HTTP requests by libcurl: one multi handle on a thread of its own.
///
/// A fetcher is a cache of connections, shared by its requests: whoever wants connections of its own (a job, for
/// example) makes a fetcher and shuts it down.
package final class CurlFetcher: HTTPFetcher {
    private let mailbox: CurlMailbox
    private let names: HostNames

    package init(options: CurlFetcherOptions = CurlFetcherOptions()) throws(HTTPFetchError) {
        let code = Self.globalSetup
        guard code == CURLE_OK.rawValue, let multi = curl_multi_init() else {
            throw .transport(code: Int(code), text: "libcurl could not be set up")
        }
        let mailbox = CurlMailbox(multi: multi)
        self.mailbox = mailbox
        names = HostNames(options.names)
        let address = UInt(bitPattern: multi)
        let didStart = startThread {
            // From here on only this thread touches the handle, waking it excepted.
            CurlLoop(multi: UnsafeMutableRawPointer(bitPattern: address)!, mailbox: mailbox, options: options).run()
        }
        guard didStart else {
            // Through the mailbox: what is left of this object must not wake a handle that is gone.
            mailbox.end { curl_multi_cleanup(multi) }
            throw .transport(code: 0, text: "no thread could be started")
        }
    }

    /// Once in a process, before anything else. This build of libcurl does it thread-safely (`threadsafe` feature).
    private static let globalSetup: UInt32 = curl_global_init(ccurl_global_default).rawValue

    deinit {
        mailbox.close()
    }

    /// Aborts what is under way (``HTTPFetchError/shutDown``), closes the connections and ends the thread.
    package func shutdown() async {
        mailbox.close()
        await mailbox.waitForEnd()
    }

    package func fetch(_ request: HTTPFetchRequest) async throws(HTTPFetchError) -> HTTPFetchResponse {
        let start = ContinuousClock.now
        var request = request
        var url = try Self.check(request)
        var redirects = 0
        while true {
            let timeout = request.limits.timeout - start.duration(to: .now)
            guard timeout > .zero else { throw .timedOut(.whole) }
            if request.proxy != nil, let policy = request.policy { try await names.judge(url, by: policy) }
            let addresses = request.proxy == nil ? await names.given(url.host) : nil
            guard addresses?.isEmpty != true else { throw .transport(code: 6, text: "could not resolve \(url.host)") }
            let (response, redirect) = try await perform(request, at: url, addresses, timeout: timeout)
            guard request.redirectsMax > 0, RedirectRule.isRedirect(status: response.status), let redirect else {
                return response
            }
            guard redirects < request.redirectsMax else { throw .tooManyRedirects(limit: request.redirectsMax) }
            redirects += 1
            let target = try FetchURL(parsing: redirect)
            request = RedirectRule.next(after: request, at: url, status: response.status, to: target)
            url = target
        }
    }

    private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    private static func check(_ request: HTTPFetchRequest) throws(HTTPFetchError) -> FetchURL {
        guard methods.contains(request.method) else { throw .invalidMethod(request.method) }
        // A file goes to the server it is meant for, and to no other that this one names.
        guard request.upload == nil || request.method == "PUT" && request.body == nil && request.redirectsMax == 0
        else { throw .invalidMethod("\(request.method) with a file") }
        for header in request.headers {
            if let problem = FetchHeaderRules.problem(name: header.name, value: header.value) {
                throw .invalidHeader(name: header.name, reason: problem)
            }
        }
        return try FetchURL(parsing: request.url)
    }

    /// One hop; returns the response and where it points, if anywhere.
    private func perform(
        _ request: HTTPFetchRequest, at url: FetchURL, _ addresses: [String]?, timeout: Duration
    ) async throws(HTTPFetchError) -> (response: HTTPFetchResponse, redirect: String?) {
        let id = mailbox.makeID()
        let cancellation = CancellationFlag()
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let hop = CurlHop(
                    id: id, request: request, url: url, addresses: addresses, timeout: timeout,
                    cancellation: cancellation, continuation: continuation)
                if !mailbox.post(.start(hop)) { continuation.resume(returning: .failure(.shutDown)) }
            }
        } onCancel: {
            cancellation.set()
            _ = mailbox.post(.cancel(id))
        }
        return try outcome.get()
    }
}
