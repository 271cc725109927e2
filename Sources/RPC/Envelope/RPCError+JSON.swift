import JSONBytes
package import NIOCore

extension RPCError {
    /// The `error` object of a reply.
    package var json: ByteBuffer {
        var writer = JSONWriter(reservingCapacity: 256)
        writer.beginObject()
        writer.key("code")
        writer.integer(code)
        writer.key("message")
        writer.string(message)
        writeData(to: &writer)
        writer.endObject()
        return ByteBuffer(bytes: writer.bytes)
    }

    /// `limit` and `length` of a message that was too long stand in `data` itself, where a plain client looks.
    private func writeData(to writer: inout JSONWriter) {
        writer.key("data")
        writer.beginObject()
        if let status { writer.member("status", status.rawValue) }
        if let reason { writer.member("reason", reason) }
        if notStarted {
            writer.key("not_started")
            writer.bool(true)
        }
        if resume {
            writer.key("resume")
            writer.bool(true)
        }
        if let tries { writer.member("tries", tries) }
        if let retryAfter {
            writer.key("retry_after_ms")
            writer.integer(retryAfter.wholeMilliseconds)
        }
        if !details.isEmpty { writeDetails(to: &writer) }
        if let info {
            if code == Self.tooLarge {
                writeMembers(of: info, to: &writer)
            } else {
                writer.key("info")
                writer.raw(info.readableBytesView)
            }
        }
        writer.endObject()
    }

    private func writeDetails(to writer: inout JSONWriter) {
        writer.key("details")
        writer.beginArray()
        for violation in details {
            writer.beginObject()
            writer.key("path")
            writer.beginArray()
            for element in violation.path {
                switch element {
                case .name(let name): writer.string(name)
                case .index(let index): writer.integer(index)
                }
            }
            writer.endArray()
            writer.member("type", violation.type)
            writer.member("message", violation.message)
            writer.endObject()
        }
        writer.endArray()
    }

    private func writeMembers(of object: ByteBuffer, to writer: inout JSONWriter) {
        object.withUnsafeReadableBytes { bytes in
            JSONScanner.forEachMember(of: bytes) { key, value in
                writer.key(JSONScanner.text(JSONScanner.slice(bytes, key)))
                writer.raw(JSONScanner.slice(bytes, value))
                return true
            }
        }
    }
}

extension RPCError {
    /// Reads a reply's `error`; what is missing or of another shape is left out, strangers write what they like.
    package init(json: ByteBuffer) {
        let fields = JSONFields(json)
        let code = fields?.integer("code") ?? Self.internalError
        let message = fields?.string("message") ?? "the other side gave no message"
        let data = JSONFields(fields?.raw("data", .object))
        let status = data?.string("status").flatMap(RPCStatus.init(rawValue:)) ?? RPCStatus(code: code)
        self.init(code: code, status: status, reason: data?.string("reason"), message)
        guard let data else { return }
        notStarted = data.bool("not_started") ?? false
        resume = data.bool("resume") ?? false
        tries = data.integer("tries").flatMap { $0 > 0 ? $0 : nil }
        retryAfter = data.integer("retry_after_ms").map { .milliseconds(max(0, $0)) }
        info = data.raw("info", .object)
        if code == Self.tooLarge, let limit = data.integer("limit"), let length = data.integer("length") {
            info = ByteBuffer(string: #"{"limit":\#(limit),"length":\#(length)}"#)
        }
        if let list = data.raw("details", .array) { details = Self.violations(in: list) }
    }

    private static func violations(in list: ByteBuffer) -> [RPCViolation] {
        var violations: [RPCViolation] = []
        list.withUnsafeReadableBytes { bytes in
            JSONScanner.forEachElement(of: bytes) { range in
                guard let fields = JSONFields(list.slice(range)) else { return true }
                let path = fields.raw("path", .array).map(pathElements) ?? []
                let message = fields.string("message") ?? ""
                violations.append(RPCViolation(path: path, message: message, type: fields.string("type") ?? ""))
                return true
            }
        }
        return violations
    }

    private static func pathElements(in list: ByteBuffer) -> [RPCViolation.PathElement] {
        list.withUnsafeReadableBytes { bytes in
            var path: [RPCViolation.PathElement] = []
            JSONScanner.forEachElement(of: bytes) { range in
                let value = JSONScanner.slice(bytes, range)
                if let index = JSONScanner.integer(value) {
                    path.append(.index(index))
                } else if JSONScanner.kind(of: value) == .string {
                    path.append(.name(JSONScanner.string(value)))
                }
                return true
            }
            return path
        }
    }
}

extension JSONWriter {
    /// A member whose value is a string.
    mutating func member(_ name: String, _ value: String) {
        key(name)
        string(value)
    }

    /// The same for a name that never changes.
    mutating func member(fixed name: StaticString, _ value: String) {
        key(fixed: name)
        string(value)
    }

    /// The same for a whole number.
    mutating func member(fixed name: StaticString, _ value: Int) {
        key(fixed: name)
        integer(value)
    }

    /// A member whose value is a whole number.
    mutating func member(_ name: String, _ value: Int) {
        key(name)
        integer(value)
    }
}

extension Duration {
    /// Rounded up: a wait shorter than asked for would be a wait too short.
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        let milliseconds = Int(clamping: seconds).multipliedReportingOverflow(by: 1000)
        guard !milliseconds.overflow else { return seconds < 0 ? 0 : .max }
        return milliseconds.partialValue + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
