/// Where a server listens.
public struct RPCAddress: Sendable, Hashable, CustomStringConvertible {
    /// A name or an address.
    public var host: String
    /// The TCP port.
    public var port: Int

    /// A place.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// `host:port`.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
