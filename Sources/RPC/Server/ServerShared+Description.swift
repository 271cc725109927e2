import JSONBytes
import NIOCore

/// What a server says of itself.
extension ServerShared {
    func health(isDraining: Bool) -> ByteBuffer {
        ByteBuffer(string: #"{"status":"\#(configuration.health(isDraining: isDraining))"}"#)
    }

    var info: ByteBuffer {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("name", configuration.name)
        writer.member("version", configuration.version)
        writer.member("role", configuration.role)
        writer.member("protocol", RPCHello.version)
        writer.member("uptime_ms", Int((NIODeadline.now() - startedAt).nanoseconds / 1_000_000))
        writer.member("methods", methods.methods.count)
        writer.key("limits")
        writer.beginObject()
        writer.member("plain_frame_bytes_max", configuration.limits.plainFrameBytesMax)
        writer.member("frame_bytes_max", configuration.limits.frameBytesMax)
        writer.member("plain_in_flight_max", configuration.limits.plainInFlightMax)
        writer.member("in_flight_max", configuration.limits.inFlightMax)
        writer.endObject()
        writer.endObject()
        return ByteBuffer(bytes: writer.bytes)
    }

    /// The document the service brought, or what the table of methods tells.
    var description: ByteBuffer {
        if let description = methods.description { return description }
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("openrpc", "1.3.2")
        writer.key("info")
        writer.beginObject()
        writer.member("title", configuration.name)
        writer.member("version", configuration.version)
        writer.endObject()
        writer.key("methods")
        writer.beginArray()
        for name in methods.names { write(name, methods.methods[name]!.options, to: &writer) }
        writer.endArray()
        writer.endObject()
        return ByteBuffer(bytes: writer.bytes)
    }

    private func write(_ name: String, _ options: RPCMethodOptions, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name)
        writer.key("params")
        writer.beginArray()
        writer.endArray()
        writer.member("x-timeout-ms", options.timeout.wholeMilliseconds)
        if options.isLong {
            writer.key("x-long")
            writer.bool(true)
        }
        if options.isDetached {
            writer.key("x-detached")
            writer.bool(true)
        }
        if options.isKeyed {
            writer.member("x-idempotency", "keyed")
        } else if options.isIdempotent {
            writer.member("x-idempotency", "idempotent")
        }
        writer.endObject()
    }
}
