import CCurl

/// What the fetcher's thread does: start, cancel, let libcurl work, hand out results, sleep until something happens.
///
/// Invariants: every hop in `transfers` is in the multi handle and has a caller waiting; a hop leaves both at once, with
/// exactly one outcome.
final class CurlLoop {
    private let multi: UnsafeMutableRawPointer
    private let mailbox: CurlMailbox
    private let options: CurlFetcherOptions
    private var transfers: [UInt64: CurlTransfer] = [:]
    private var idsByHandle: [UnsafeMutableRawPointer: UInt64] = [:]
    /// Handles at rest, to be used again.
    private var idle: [CurlEasy] = []

    /// An upper bound only: libcurl's own timers end the sleep earlier.
    private static let sleepMillisecondsMax: Int32 = 60_000
    private static let idleHandlesMax = 64

    init(multi: UnsafeMutableRawPointer, mailbox: CurlMailbox, options: CurlFetcherOptions) {
        self.multi = multi
        self.mailbox = mailbox
        self.options = options
        // A connection cache of the same size, or busy fetchers would close connections they need again at once.
        for (option, value) in [
            (CURLMOPT_MAX_HOST_CONNECTIONS, options.connectionsPerHostMax),
            (CURLMOPT_MAX_TOTAL_CONNECTIONS, options.connectionsMax), (CURLMOPT_MAXCONNECTS, options.connectionsMax),
        ] {
            _ = ccurl_multi_set_long(multi, option, value)
        }
    }

    func run() {
        while true {
            let (commands, isClosing) = mailbox.take()
            for command in commands { obey(command) }
            if isClosing { break }
            var running: Int32 = 0
            let code = curl_multi_perform(multi, &running)
            handOutResults()
            if code != CURLM_OK { failAll(.transport(code: 0, text: String(cString: curl_multi_strerror(code)))) }
            curl_multi_poll(multi, nil, 0, Self.sleepMillisecondsMax, nil)
        }
        failAll(.shutDown)
        idle = []
        mailbox.end { curl_multi_cleanup(multi) }
    }

    private func obey(_ command: CurlMailbox.Command) {
        switch command {
        case .start(let hop):
            if hop.cancellation.isSet {
                hop.continuation.resume(returning: .failure(.cancelled))
            } else {
                start(hop)
            }
        case .cancel(let id):
            remove(id, keepsHandle: false)?.finish(.failure(.cancelled))
        }
    }

    private func start(_ hop: CurlHop) {
        guard let easy = idle.popLast() ?? CurlEasy() else {
            return hop.continuation.resume(returning: .failure(.transport(code: 0, text: "out of memory")))
        }
        let transfer = CurlTransfer(hop: hop, easy: easy)
        transfer.configure(options)
        if let failure = transfer.setupFailure { return transfer.finish(.failure(failure)) }
        let code = curl_multi_add_handle(multi, easy.handle)
        guard code == CURLM_OK else {
            let text = String(cString: curl_multi_strerror(code))
            return transfer.finish(.failure(.transport(code: 0, text: text)))
        }
        transfers[hop.id] = transfer
        idsByHandle[easy.handle] = hop.id
    }

    private func handOutResults() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else { continue }
            // Read now: the manual says the message is gone once its handle is removed.
            let code = ccurl_message_result(message)
            guard let id = idsByHandle[handle], let transfer = transfers[id] else { continue }
            let outcome = transfer.outcome(of: code)
            remove(id, keepsHandle: outcome.isSuccess)
            transfer.finish(outcome)
        }
    }

    /// Takes a transfer out of the multi handle, which aborts it when it is under way.
    ///
    /// Only handles of successful transfers are used again: one that failed early keeps its buffer, and this version
    /// then refuses to be told the buffer's size.
    @discardableResult
    private func remove(_ id: UInt64, keepsHandle: Bool) -> CurlTransfer? {
        guard let transfer = transfers.removeValue(forKey: id) else { return nil }
        let easy = transfer.easy
        idsByHandle.removeValue(forKey: easy.handle)
        curl_multi_remove_handle(multi, easy.handle)
        if keepsHandle, idle.count < Self.idleHandlesMax { idle.append(easy) }
        return transfer
    }

    private func failAll(_ error: HTTPFetchError) {
        for id in transfers.keys { remove(id, keepsHandle: false)?.finish(.failure(error)) }
    }
}

extension Result {
    fileprivate var isSuccess: Bool {
        if case .success = self { true } else { false }
    }
}
