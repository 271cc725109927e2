import Logging

extension RPCServerCall {
    /// The server's logger with what a line about this call needs: `method`, `request_id`, `trace_id`.
    var logger: Logger {
        var logger = connection.logger
        logger[metadataKey: "method"] = "\(method)"
        if let requestID = meta.requestID { logger[metadataKey: "request_id"] = "\(requestID)" }
        if let traceID = meta.traceID { logger[metadataKey: "trace_id"] = "\(traceID)" }
        return logger
    }
}

extension RPCMeta {
    /// The trace's id, 32 hexadecimal digits, of a `traceparent` in the form of W3C Trace Context; nil for any other.
    var traceID: Substring? {
        guard let fields = traceparent?.split(separator: "-", omittingEmptySubsequences: false), fields.count >= 4,
            fields[1].utf8.count == 32, fields[1].utf8.allSatisfy(isLowerHexadecimal)
        else { return nil }
        return fields[1]
    }
}

private func isLowerHexadecimal(_ octet: UInt8) -> Bool {
    octet &- UInt8(ascii: "0") < 10 || octet &- UInt8(ascii: "a") < 6
}
