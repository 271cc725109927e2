/// Calls that would stand in each other's way travel on connections of their own.
public enum RPCLane: Int, Sendable, CaseIterable {
    /// Small and quick.
    case calls
    /// Large messages and byte streams.
    case bulk
    /// Calls of methods marked `x-long`: they wait for something to happen and hold their place for minutes.
    case waits

    /// Parameters above this size are bulk: the wire carries them in chunks.
    public static let bulkBytesMin = 256 * 1024

    /// The lane of a call that does not wait, by the octets of its parameters.
    public static func of(paramsBytes: Int) -> RPCLane {
        paramsBytes > bulkBytesMin ? .bulk : .calls
    }
}
