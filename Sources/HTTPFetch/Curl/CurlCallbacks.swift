import CCurl
import Glibc

/// What libcurl calls while it works.
///
/// The manual's rules for all of them: return soon, as every other transfer waits; call no libcurl function on the multi
/// handle from inside; the bytes belong to libcurl and are gone after the return.
enum CurlCallbacks {
    /// Bytes of the body, decoded, at most 16 KiB a call. Any other return than their count aborts the transfer.
    static let receiveBody: ccurl_data_callback = { bytes, size, count, context in
        guard let bytes, let context else { return ccurl_write_error }
        let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
        let chunk = UnsafeRawBufferPointer(start: bytes, count: size * count)
        return transfer.appendBody(chunk) ? chunk.count : ccurl_write_error
    }

    /// The next bytes of an upload; 0 is its end.
    static let sendBody: ccurl_data_callback = { space, size, count, context in
        guard let space, let context else { return ccurl_read_abort }
        let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
        return transfer.nextOfUpload(UnsafeMutableRawBufferPointer(start: space, count: size * count))
            ?? ccurl_read_abort
    }

    /// The upload is to be sent again, from an offset on: a connection that was used again turned out to be dead.
    static let seekBody: curl_seek_callback = { context, offset, origin in
        guard let context, origin == SEEK_SET else { return CURL_SEEKFUNC_FAIL }
        let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
        transfer.sentBytes = Int(offset)
        return CURL_SEEKFUNC_OK
    }

    /// One whole line of a head or trailer, its line end included.
    static let receiveHead: ccurl_data_callback = { bytes, size, count, context in
        guard let bytes, let context else { return ccurl_write_error }
        let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
        let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
        return transfer.appendHead(line) ? line.count : ccurl_write_error
    }

    /// Instead of socket(2), with the address the name has resolved to: the first of the two places where the policy
    /// decides. A refused address is passed over and the name's next one tried.
    static let openSocket: curl_opensocket_callback = { context, purpose, address in
        guard let context, let address else { return -1 }
        let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
        let target = UnsafeRawPointer(address) + MemoryLayout<curl_sockaddr>.offset(of: \.addr)!
        // An address of another family (a Unix socket, say) is none a URL should lead to.
        guard let (ip, port) = IPAddress.resolved(target), transfer.isAllowed(ip, port: port) else { return -1 }
        let kind = address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
        return socket(address.pointee.family, kind, address.pointee.protocol)
    }

    /// After connecting and before the request is written, also on a connection that is used again: the second place.
    /// Another request may have opened that connection under another policy.
    static let beforeRequest: curl_prereq_callback = { context, remote, _, port, _ in
        guard let context, let remote else { return CURL_PREREQFUNC_ABORT }
        let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
        guard transfer.mayRequest(from: String(cString: remote), port: Int(port)) else { return CURL_PREREQFUNC_ABORT }
        return CURL_PREREQFUNC_OK
    }
}

extension CurlTransfer {
    /// Reads the next bytes of the upload into `space`; nil when its file fails.
    func nextOfUpload(_ space: UnsafeMutableRawBufferPointer) -> Int? {
        guard let upload = hop.request.upload else { return nil }
        let left = upload.range.count - sentBytes
        do throws(HTTPFetchError) {
            let part = UnsafeMutableRawBufferPointer(rebasing: space.prefix(left))
            try upload.file.read(into: part, from: upload.range.lowerBound + sentBytes)
            sentBytes += part.count
            return part.count
        } catch {
            failure = error
            return nil
        }
    }

    /// Keeps a piece of the body; false when there is too much of it.
    func appendBody(_ chunk: UnsafeRawBufferPointer) -> Bool {
        guard chunk.count <= limits.bodyBytesMax - body.count - savedBytes else {
            failure = .bodyTooLarge(limit: limits.bodyBytesMax)
            return false
        }
        if hop.request.download != nil {
            do throws(HTTPFetchError) {
                if try save(chunk) { return true }
            } catch {
                failure = error
                return false
            }
        }
        if body.isEmpty { reserveBody(atLeast: chunk.count) }
        body.append(contentsOf: chunk)
        return true
    }

    /// Writes a piece to the request's file; false if the file does not take this body.
    private func save(_ chunk: UnsafeRawBufferPointer) throws(HTTPFetchError) -> Bool {
        if download == nil {
            let range = ResponseHead.headers(head).first { FetchHeaderRules.isSameName($0.name, "content-range") }
            let takes = try hop.request.download?.begin(
                status: easy.integer(CURLINFO_RESPONSE_CODE), range: range?.value)
            download = .some(takes == true ? hop.request.download : nil)
        }
        guard case .some(.some(let file)) = download else { return false }
        try file.append(chunk)
        savedBytes += chunk.count
        return true
    }

    /// One allocation for a body whose length is known; -1 when it is not. A lie costs at most the limit, and only in
    /// address space.
    private func reserveBody(atLeast count: Int) {
        let declared = easy.offset(CURLINFO_CONTENT_LENGTH_DOWNLOAD_T)
        body.reserveCapacity(min(max(declared, count), limits.bodyBytesMax))
    }

    /// Keeps a line of the head; false when there is too much of it or it says something we refuse.
    func appendHead(_ line: UnsafeRawBufferPointer) -> Bool {
        headBytes += line.count
        guard headBytes <= limits.headerBytesMax else {
            failure = .headersTooLarge(limit: limits.headerBytesMax)
            return false
        }
        // A status line: of the first response, or of the one after an interim response.
        if line.starts(with: "HTTP/".utf8) { head.removeAll(keepingCapacity: true) }
        head.append(contentsOf: line)
        return !hop.request.acceptsCompression || isAcceptable(line)
    }

    /// libcurl decodes every encoding it knows, offered or not. Zstandard may ask for a window of 128 MiB per transfer,
    /// so what was not offered is refused.
    private func isAcceptable(_ line: UnsafeRawBufferPointer) -> Bool {
        guard line.count > 17, (line[0] | 0x20) == UInt8(ascii: "c") else { return true }
        guard let header = ResponseHead.header(String(decoding: line, as: UTF8.self)[...]),
            FetchHeaderRules.isSameName(header.name, "content-encoding")
        else { return true }
        let offered: Set<String> = ["gzip", "x-gzip", "deflate", "br", "identity", ""]
        let names = header.value.lowercased().split { $0 == "," || $0 == " " || $0 == "\t" }
        guard let other = names.first(where: { !offered.contains(String($0)) }) else { return true }
        failure = .unsupportedEncoding(String(other))
        return false
    }
}
