/// Why there is no response.
///
/// ``FetchRetryRules`` says which of them may be tried again. Texts never hold a URL's query, a header or a body.
package enum HTTPFetchError: Error, Equatable {
    /// The URL resolves to an address the policy refuses. Final.
    case addressDenied(address: String, port: Int, host: String, setting: String)
    /// Something else than http or https.
    case schemeRefused(String)
    /// Not a URL we fetch; the reason says why.
    case invalidURL(reason: String)
    /// Not the URL of a proxy; the reason repeats nothing of it.
    case invalidProxy(reason: String)
    case invalidMethod(String)
    /// A header that cannot be sent; its value is not repeated.
    case invalidHeader(name: String, reason: String)
    /// The file that is sent cannot be read any more, or ended early.
    case uploadFailed(reason: String)
    /// The file that takes the body cannot be written, or is not what the body goes on with.
    case downloadFailed(reason: String)
    case bodyTooLarge(limit: Int)
    case headersTooLarge(limit: Int)
    /// A content encoding nobody offered.
    case unsupportedEncoding(String)
    case timedOut(HTTPFetchTimeout)
    case tooManyRedirects(limit: Int)
    /// The server's certificate or its TLS is not acceptable. Final.
    case certificateRefused(String)
    /// The request's identity: a file of it cannot be read, or is not what it should be. Final.
    case identityUnusable
    /// The transfer failed; `code` is libcurl's CURLcode.
    case transport(code: Int, text: String)
    /// The task was cancelled.
    case cancelled
    /// The fetcher was shut down.
    case shutDown
}

/// Which of the time limits passed.
package enum HTTPFetchTimeout: String, Sendable {
    case connect = "connecting took too long"
    case whole = "the response took too long"
    case lowSpeed = "the response came too slowly"
}

extension HTTPFetchError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .addressDenied(let address, let port, let host, let setting):
            let shown = address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
            return "connecting to \(shown) (\(host)) is not allowed: it is a local, private or reserved address; "
                + "list it in \(setting) as host:port or CIDR to allow it"
        case .schemeRefused(let scheme): return "expected an http or https URL, found the scheme \(scheme)"
        case .invalidURL(let reason): return "expected an absolute http or https URL: \(reason)"
        case .invalidProxy(let reason):
            return
                "expected the URL of a proxy such as http://proxy:3128 or socks5h://user:password@proxy:1080: \(reason)"
        case .invalidMethod(let method): return "the method \(method.prefix(20).debugDescription) is not one we send"
        case .invalidHeader(let name, let reason):
            return "the header \(name.prefix(80).debugDescription) cannot be sent: \(reason)"
        case .uploadFailed(let reason): return "the file to be sent cannot be read: \(reason)"
        case .downloadFailed(let reason): return "the body cannot be written to its file: \(reason)"
        case .bodyTooLarge(let limit): return "the response's body is larger than \(limit) bytes"
        case .headersTooLarge(let limit): return "the response's headers are larger than \(limit) bytes"
        case .unsupportedEncoding(let name):
            return "the response has the content encoding \(name.prefix(40).debugDescription), which was not offered"
        case .timedOut(let timeout): return timeout.rawValue
        case .tooManyRedirects(let limit): return "the response redirects more than \(limit) times"
        case .certificateRefused(let text): return "the server's certificate was refused: \(text)"
        case .identityUnusable: return "our certificate for this server, its key or its authority cannot be used"
        case .transport(let code, let text): return "the transfer failed: \(text) (curl \(code))"
        case .cancelled: return "the request was cancelled"
        case .shutDown: return "the fetcher is shut down"
        }
    }
}
