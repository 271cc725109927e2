import JSONBytes
import NIOCore
import Synchronization

/// What a server has counted since it started.
extension ServerShared {
    /// The result of `rpc.stats`. Methods that were never called are left out.
    var stats: ByteBuffer {
        let methods = served.stats
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("uptime_ms", Int((NIODeadline.now() - startedAt).nanoseconds / 1_000_000))
        writer.member("connections", connections.load(ordering: .relaxed))
        writer.member("connections_total", accepted.load(ordering: .relaxed))
        writer.member("in_flight", methods.reduce(0) { $0 + $1.running })
        writer.key("methods")
        writer.beginObject()
        for method in methods { write(method, to: &writer) }
        writer.endObject()
        writer.endObject()
        return ByteBuffer(bytes: writer.bytes)
    }

    private func write(_ stats: MethodMetrics.Stats, to writer: inout JSONWriter) {
        writer.key(stats.method)
        writer.beginObject()
        writer.member("ok", stats.ok)
        writer.member("in_flight", stats.running)
        writer.key("errors")
        writer.beginObject()
        for (status, count) in stats.failed.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            writer.member(status.rawValue, count)
        }
        writer.endObject()
        writer.endObject()
    }
}
