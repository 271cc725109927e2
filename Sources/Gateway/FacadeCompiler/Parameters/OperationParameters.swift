internal import NIOCore
internal import RPC

extension [RequestParameter] {
    /// The decoded text of each parameter, in this array's order; a name repeated in a query counts as its last.
    func texts(pathValues: [Substring], query: Substring) -> [String?] {
        var texts = [String?](repeating: nil, count: count)
        for (index, parameter) in enumerated() {
            if case .path(let position) = parameter.source, position < pathValues.count {
                texts[index] = PercentCoding.decode(pathValues[position], plusIsSpace: false)
            }
        }
        if query.isEmpty { return texts }
        PercentCoding.forEachPair(of: query) { name, value in
            let name = PercentCoding.decode(name, plusIsSpace: true)
            guard let index = firstIndex(where: { $0.source == .query && $0.documentedName == name }) else { return }
            texts[index] = PercentCoding.decode(value, plusIsSpace: true)
        }
        return texts
    }

    /// Appends `"name":value` of each value that came or has a default; answers what is wrong, in the method's names.
    func write(pathValues: [Substring], query: Substring, to buffer: inout ByteBuffer) -> [RPCViolation] {
        var violations: [RPCViolation] = []
        var needsComma = false
        for (parameter, text) in zip(self, texts(pathValues: pathValues, query: query)) {
            let start = buffer.writerIndex
            if needsComma { buffer.writeStaticString(",") }
            do throws(ParameterFault) {
                if try parameter.write(text, to: &buffer) {
                    needsComma = true
                } else {
                    buffer.moveWriterIndex(to: start)
                }
            } catch {
                buffer.moveWriterIndex(to: start)
                violations.append(
                    RPCViolation(path: [.name(parameter.name)], message: error.message, type: error.type))
            }
        }
        return violations
    }
}

extension RequestParameter {
    /// Writes name and value; false if there is none and none is needed.
    fileprivate func write(_ text: String?, to buffer: inout ByteBuffer) throws(ParameterFault) -> Bool {
        buffer.writeBytes(key)
        if let text {
            try schema.write(text, to: &buffer)
        } else if let value = schema.defaultValue {
            buffer.writeBytes(value)
        } else if isRequired {
            throw .missing
        } else {
            return false
        }
        return true
    }
}
