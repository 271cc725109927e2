import JSONBytes
import NIOCore

/// One documented path or query value of an operation, and the RPC parameter it becomes.
///
/// A class, so that walking over an operation's parameters costs a retain each and not one per member.
final class RequestParameter: Sendable {
    enum Source: Sendable, Equatable {
        /// The position among the route's braces.
        case path(Int)
        case query

        /// What stands in front of a violation's location.
        var name: String { self == .query ? "query" : "path" }
    }

    let source: Source
    /// As the document spells it.
    let documentedName: String
    /// As the RPC method spells it.
    let name: String
    let isRequired: Bool
    let schema: ParameterSchema
    /// The quoted name and the colon, ready to be written.
    private let key: [UInt8]

    init(source: Source, documentedName: String, name: String, isRequired: Bool, schema: ParameterSchema) {
        self.source = source
        self.documentedName = documentedName
        self.name = name
        self.isRequired = isRequired
        self.schema = schema
        var writer = JSONWriter()
        writer.key(name)
        self.key = writer.bytes
    }
}

extension RequestParameter {
    /// Writes name and value; false, and nothing written, if there is none and none is needed.
    func write(pathValues: [Substring], query: Substring, to buffer: inout ByteBuffer) throws(ParameterFault) -> Bool {
        if let coded = coded(pathValues: pathValues, query: query) {
            buffer.writeBytes(key)
            try write(coded, to: &buffer)
        } else if let value = schema.defaultValue {
            buffer.writeBytes(key)
            buffer.writeBytes(value)
        } else if isRequired {
            throw .missing
        } else {
            return false
        }
        return true
    }

    /// Writes the value alone, for a template; one that its schema refuses is written as the text it came as.
    func writeValue(pathValues: [Substring], query: Substring, to buffer: inout ByteBuffer) -> Bool {
        guard let coded = coded(pathValues: pathValues, query: query) else {
            return schema.defaultValue.map { buffer.writeBytes($0) > 0 } ?? false
        }
        do {
            try write(coded, to: &buffer)
        } catch {
            buffer.writeJSONString(PercentCoding.decode(coded, plusIsSpace: source == .query))
        }
        return true
    }

    private func write(_ coded: Substring, to buffer: inout ByteBuffer) throws(ParameterFault) {
        if schema.isAnyString && coded.utf8.allSatisfy(isPlain) {
            buffer.writeStaticString("\"")
            buffer.writeSubstring(coded)
            buffer.writeStaticString("\"")
        } else {
            try schema.write(PercentCoding.decode(coded, plusIsSpace: source == .query), to: &buffer)
        }
    }

    private func coded(pathValues: [Substring], query: Substring) -> Substring? {
        switch source {
        case .path(let position): position < pathValues.count ? pathValues[position] : nil
        case .query: QueryText.value(of: documentedName, in: query)
        }
    }
}

/// Neither percent-encoded nor to be escaped in JSON.
private func isPlain(_ octet: UInt8) -> Bool {
    switch octet {
    case 0..<0x20, UInt8(ascii: "%"), UInt8(ascii: "+"), UInt8(ascii: "\""), UInt8(ascii: "\\"): false
    default: true
    }
}
