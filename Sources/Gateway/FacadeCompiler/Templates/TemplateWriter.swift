import JSONBytes
import NIOCore
import RPC

/// Everything the words of one answer's template can stand for.
struct TemplateValues {
    var status: Int
    var environment: TemplateEnvironment
    var parameters: [RequestParameter] = []
    var result: ByteBuffer?
    var error: RPCError?
    /// The error's violations in the document's terms, and the shape of each.
    var details: [RPCViolation] = []
    var detailTemplate = Template.plainDetail
}

extension Template {
    /// Writes the answer: fixed bytes as they are, a result's bytes untouched.
    func write(_ values: TemplateValues, to buffer: inout ByteBuffer) {
        write(to: &buffer) { reference, buffer in values.write(reference, to: &buffer) }
    }

    /// Writes the template with whatever `value` writes for each word; it answers false when there is no value.
    func write(to buffer: inout ByteBuffer, value: (TemplateReference, inout ByteBuffer) -> Bool) {
        for piece in pieces {
            switch piece {
            case .fixed(let bytes):
                buffer.writeBytes(bytes)
            case .joined(let bytes):
                buffer.writeBytes(buffer.isBehindOpeningBracket ? bytes.dropFirst() : bytes[...])
            case .value(let reference):
                if !value(reference, &buffer) { buffer.writeStaticString("null") }
            case .optional(let before, let reference):
                let start = buffer.writerIndex
                let isFirst = before.first == UInt8(ascii: ",") && buffer.isBehindOpeningBracket
                buffer.writeBytes(isFirst ? before.dropFirst() : before[...])
                if !value(reference, &buffer) { buffer.moveWriterIndex(to: start) }
            }
        }
    }
}

extension TemplateValues {
    /// Writes the JSON of what a word stands for; false, and nothing written, if there is no value.
    func write(_ reference: TemplateReference, to buffer: inout ByteBuffer) -> Bool {
        switch reference {
        case .result(let path): buffer.writeMember(path, of: result)
        case .errorInfo(let path): buffer.writeMember(path, of: error?.info)
        case .errorMessage: buffer.writeJSONString(orNothing: error?.message)
        case .errorStatus: buffer.writeJSONString(orNothing: error?.status?.rawValue)
        case .errorReason: buffer.writeJSONString(orNothing: error?.reason)
        case .errorDetails: writeDetails(to: &buffer)
        case .httpStatus: buffer.writeString("\(status)") > 0
        case .requestID: buffer.writeJSONString(orNothing: environment.requestID)
        case .now: buffer.writeJSONString(orNothing: TimeText.utc(milliseconds: environment.now))
        case .parameter(let index):
            parameters[index].writeValue(
                pathValues: environment.pathValues, query: environment.query, to: &buffer)
        case .itemPath, .itemMessage, .itemType: false
        }
    }

    private func writeDetails(to buffer: inout ByteBuffer) -> Bool {
        if details.isEmpty { return false }
        buffer.writeStaticString("[")
        for (index, detail) in details.enumerated() {
            if index > 0 { buffer.writeStaticString(",") }
            detailTemplate.write(to: &buffer) { reference, buffer in detail.write(reference, to: &buffer) }
        }
        buffer.writeStaticString("]")
        return true
    }
}

extension RPCViolation {
    fileprivate func write(_ reference: TemplateReference, to buffer: inout ByteBuffer) -> Bool {
        switch reference {
        case .itemMessage: return buffer.writeJSONString(orNothing: message)
        case .itemType: return buffer.writeJSONString(orNothing: type)
        case .itemPath:
            var writer = JSONWriter()
            writer.beginArray()
            for element in path {
                switch element {
                case .name(let name): writer.string(name)
                case .index(let index): writer.integer(index)
                }
            }
            writer.endArray()
            return buffer.writeBytes(writer.bytes) > 0
        default: return false
        }
    }
}

extension Template {
    /// A violation as the wire spells it, for façades that name no shape of their own.
    static let plainDetail = Template(pieces: [
        .fixed(Array(#"{"path":"#.utf8)), .value(.itemPath),
        .fixed(Array(#","type":"#.utf8)), .value(.itemType),
        .fixed(Array(#","message":"#.utf8)), .value(.itemMessage), .fixed(Array("}".utf8)),
    ])
}

extension ByteBuffer {
    fileprivate var isBehindOpeningBracket: Bool {
        guard let last = getInteger(at: writerIndex - 1, as: UInt8.self) else { return false }
        return last == UInt8(ascii: "{") || last == UInt8(ascii: "[")
    }

    fileprivate mutating func writeJSONString(orNothing text: String?) -> Bool {
        guard let text else { return false }
        writeJSONString(text)
        return true
    }

    /// Writes a value, or the member of it that a path of names leads to, byte for byte.
    fileprivate mutating func writeMember(_ path: [String], of value: ByteBuffer?) -> Bool {
        guard let value else { return false }
        if path.isEmpty { return writeImmutableBuffer(value) > 0 }
        return value.withUnsafeReadableBytes { bytes in
            var range = 0..<bytes.count
            for name in path {
                let object = UnsafeRawBufferPointer(rebasing: bytes[range])
                guard let found = JSONScanner.member(name, of: object) else { return false }
                range = range.lowerBound + found.lowerBound..<range.lowerBound + found.upperBound
            }
            return writeBytes(UnsafeRawBufferPointer(rebasing: bytes[range])) > 0
        }
    }
}
