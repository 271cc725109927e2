import NIOCore

/// Turns the text of a path or query value into the JSON its schema asks for.
extension ParameterSchema {
    /// Writes the JSON value; nothing is written when it throws.
    func write(_ text: String, to buffer: inout ByteBuffer) throws(ParameterFault) {
        switch kind {
        case .string: try writeString(text, to: &buffer)
        case .integer: try writeInteger(text, to: &buffer)
        case .number: try writeNumber(text, to: &buffer)
        case .boolean: buffer.writeString(try boolean(text) ? "true" : "false")
        }
    }

    private func writeString(_ text: String, to buffer: inout ByteBuffer) throws(ParameterFault) {
        try checkAllowed(text)
        let length = minLength == nil && maxLength == nil ? 0 : text.unicodeScalars.count
        if let minLength, length < minLength { throw .tooShort(minLength) }
        if let maxLength, length > maxLength { throw .tooLong(maxLength) }
        buffer.writeJSONString(text)
    }

    private func writeInteger(_ text: String, to buffer: inout ByteBuffer) throws(ParameterFault) {
        guard text.utf8.count <= integerOctetsMax else { throw .integerTooLarge }
        var digits = text[...]
        if digits.first == "+" || digits.first == "-" { digits.removeFirst() }
        guard !digits.isEmpty, digits.utf8.allSatisfy(isDigit) else { throw .notAnInteger }
        guard let value = Int(text) else { throw .integerTooLarge }
        try checkAllowed("\(value)")
        try checkBounds(Double(value))
        buffer.writeString("\(value)")
    }

    private func writeNumber(_ text: String, to buffer: inout ByteBuffer) throws(ParameterFault) {
        guard text.utf8.count <= numberOctetsMax, let value = Double(text),
            !text.contains(where: { "xXpP".contains($0) })
        else { throw .notANumber }
        guard value.isFinite else { throw .notFinite }
        try checkAllowed(text)
        try checkBounds(value)
        buffer.writeString("\(value)")
    }

    private func boolean(_ text: String) throws(ParameterFault) -> Bool {
        switch text.lowercased() {
        case "1", "true", "t", "on", "yes", "y": true
        case "0", "false", "f", "off", "no", "n": false
        default: throw .notABoolean
        }
    }

    private func checkAllowed(_ text: String) throws(ParameterFault) {
        if let allowed, !allowed.contains(text) { throw .notAllowed(allowed) }
    }

    private func checkBounds(_ value: Double) throws(ParameterFault) {
        if let minimum, value < minimum { throw .below(minimum) }
        if let maximum, value > maximum { throw .above(maximum) }
        if let exclusiveMinimum, value <= exclusiveMinimum { throw .notAbove(exclusiveMinimum) }
        if let exclusiveMaximum, value >= exclusiveMaximum { throw .notBelow(exclusiveMaximum) }
    }
}

/// Longer texts are no integer worth reading.
private let integerOctetsMax = 64
private let numberOctetsMax = 128

private func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}
