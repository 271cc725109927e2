import CCurl

/// One easy handle and the text buffer it writes errors to.
///
/// Lives on the fetcher's thread only: the manual (libcurl-thread) allows a handle to be used by one thread at a time,
/// and libcurl takes no locks of its own.
final class CurlEasy {
    let handle: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    /// The list the handle reads headers from; libcurl does not copy lists, so it lives as long as the transfer.
    private var headerList: UnsafeMutablePointer<curl_slist>?
    /// The same of addresses that are given to it.
    private var addressList: UnsafeMutablePointer<curl_slist>?
    /// The first option that could not be set; a transfer with one must not start.
    private(set) var setupFailure: CURLcode?

    init?() {
        guard let handle = curl_easy_init() else { return nil }
        self.handle = handle
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        curl_easy_cleanup(handle)
        curl_slist_free_all(headerList)
        curl_slist_free_all(addressList)
        errorText.deallocate()
    }

    /// Makes the handle as new. The manual keeps its caches through this, so handles are used again, not made again.
    func reset() {
        curl_easy_reset(handle)
        curl_slist_free_all(headerList)
        headerList = nil
        curl_slist_free_all(addressList)
        addressList = nil
        setupFailure = nil
        errorText[0] = 0
        // After a reset the buffer is forgotten; it must stay valid until the next reset or clean-up.
        note(ccurl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText))
    }

    func set(_ option: CURLoption, _ value: Int) { note(ccurl_set_long(handle, option, value)) }
    func set(_ option: CURLoption, _ isOn: Bool) { set(option, isOn ? 1 : 0) }
    func setOffset(_ option: CURLoption, _ value: Int) { note(ccurl_set_offset(handle, option, curl_off_t(value))) }
    func set(_ option: CURLoption, _ value: String) { note(ccurl_set_string(handle, option, value)) }
    func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer?) {
        note(ccurl_set_pointer(handle, option, value))
    }
    func set(_ option: CURLoption, _ callback: ccurl_data_callback?) {
        note(ccurl_set_data_callback(handle, option, callback))
    }
    func setSeek(_ callback: curl_seek_callback?) {
        note(ccurl_set_seek_callback(handle, callback))
    }
    func setOpenSocket(_ callback: curl_opensocket_callback?) {
        note(ccurl_set_open_socket_callback(handle, callback))
    }
    func setPrerequest(_ callback: curl_prereq_callback?) {
        note(ccurl_set_prerequest_callback(handle, callback))
    }

    /// Copies the body into the handle. The size goes first: without it the copy would end at the first NUL.
    func setBody(_ bytes: [UInt8]) {
        setOffset(CURLOPT_POSTFIELDSIZE_LARGE, bytes.count)
        bytes.withUnsafeBytes { buffer in
            // An empty array has no address, and no address would mean "ask the read callback".
            let empty: StaticString = ""
            let start = buffer.baseAddress ?? UnsafeRawPointer(empty.utf8Start)
            set(CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: start))
        }
    }

    func setHeaders(_ lines: [String]) {
        for line in lines {
            guard let longer = curl_slist_append(headerList, line) else { return note(CURLE_OUT_OF_MEMORY) }
            headerList = longer
        }
        note(ccurl_set_list(handle, CURLOPT_HTTPHEADER, headerList))
    }

    /// What a name resolves to: `host:port:address,address`.
    func setAddresses(_ line: String) {
        addressList = curl_slist_append(nil, line)
        note(ccurl_set_list(handle, CURLOPT_RESOLVE, addressList))
    }

    func integer(_ info: CURLINFO) -> Int {
        var value = 0
        return ccurl_get_long(handle, info, &value) == CURLE_OK ? value : 0
    }

    func offset(_ info: CURLINFO) -> Int {
        var value: curl_off_t = 0
        return ccurl_get_offset(handle, info, &value) == CURLE_OK ? Int(value) : 0
    }

    func string(_ info: CURLINFO) -> String? {
        var value: UnsafeMutablePointer<CChar>?
        guard ccurl_get_string(handle, info, &value) == CURLE_OK, let value else { return nil }
        return String(cString: value)
    }

    /// What libcurl wrote about the failure, or its general words for `code`.
    ///
    /// - Parameter isGeneral: Only those: what it wrote may repeat a proxy's URL with its password.
    func text(for code: CURLcode, isGeneral: Bool) -> String {
        let isWritten = errorText[0] != 0 && !isGeneral
        return asClause(String(cString: isWritten ? UnsafePointer(errorText) : curl_easy_strerror(code)))
    }

    private func note(_ code: CURLcode) {
        if code != CURLE_OK, setupFailure == nil { setupFailure = code }
    }
}

/// libcurl's sentence as part of ours: "Couldn't connect" begins small, "URL using bad format" and "SSL: …" stay.
func asClause(_ text: String) -> String {
    guard text.dropFirst().first?.isUppercase != true else { return text }
    return text.prefix(1).lowercased() + text.dropFirst()
}
