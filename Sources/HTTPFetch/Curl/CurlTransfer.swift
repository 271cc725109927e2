import CCurl

/// One hop under way: what has arrived so far and what was decided about it.
///
/// Lives on the fetcher's thread; its callbacks are called there, from within curl_multi_perform.
final class CurlTransfer {
    let hop: CurlHop
    let easy: CurlEasy
    let limits: HTTPFetchLimits

    var body: [UInt8] = []
    /// The head being received, as bytes; a further response (after a 1xx) begins it anew.
    var head: [UInt8] = []
    /// Of all heads, so that an endless row of 1xx responses ends too.
    var headBytes = 0
    /// Where the body goes instead, once its first piece has come: nil in it if this one stays here.
    var download: HTTPDownload??
    /// How much of it is in the file.
    var savedBytes = 0
    /// How much of the upload has been handed out.
    var sentBytes = 0
    /// Decided in a callback; it tells more than libcurl's code for "a callback said no".
    var failure: HTTPFetchError?
    /// The first address the policy refused.
    var denial: HTTPFetchError?
    /// Whether the policy let any address pass.
    var hasAllowedAddress = false

    /// What connections are made to.
    var peer: Peer

    /// The URL's host, or the proxy.
    struct Peer {
        var host: String
        /// Nil lets every address pass.
        var policy: AddressPolicy?
    }

    init(hop: CurlHop, easy: CurlEasy) {
        self.hop = hop
        self.easy = easy
        limits = hop.request.limits
        peer = Peer(host: hop.url.host, policy: hop.request.policy)
    }

    /// Tells the caller; to be called once.
    func finish(_ outcome: CurlHop.Outcome) {
        hop.continuation.resume(returning: outcome)
    }

    /// Decides about one address; a refusal is remembered for the error.
    func isAllowed(_ address: IPAddress, port: Int) -> Bool {
        guard let policy = peer.policy else { return true }
        if policy.decide(ip: address, port: port, host: peer.host) == .allowed {
            hasAllowedAddress = true
            return true
        }
        denial = denial ?? refusal("\(address)", port: port, host: peer.host, policy)
        return false
    }

    /// Decides about the address a connection has; a refusal ends the transfer.
    func mayRequest(from address: String, port: Int) -> Bool {
        guard let policy = peer.policy else { return true }
        if let ip = IPAddress(address), isAllowed(ip, port: port) { return true }
        failure = refusal(address, port: port, host: peer.host, policy)
        return false
    }

    func refusal(_ address: String, port: Int, host: String, _ policy: AddressPolicy) -> HTTPFetchError {
        .addressDenied(address: address, port: port, host: host, setting: policy.setting)
    }
}
