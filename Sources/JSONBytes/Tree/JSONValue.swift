/// A small tree of a JSON text that keeps the order of members; for templates, configuration and tests, never on a
/// hot path.
///
/// Equality looks at order and at the text of numbers (`1.0` is not `1`); compare `canonicalBytes` where order does not
/// matter.
public enum JSONValue: Sendable, Equatable {
    case object([JSONMember])
    case array([JSONValue])
    case string(String)
    /// A number as it is written: nothing is lost, whatever its size.
    case number(String)
    case bool(Bool)
    case null

    /// Reads a whole document, strictly (see `JSONValidator`), at most 512 levels deep.
    public init(parsing document: some Collection<UInt8>) throws(JSONSyntaxError) {
        let bytes = Array(document)
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(JSONSyntaxError) in
                try JSONValidator.validate(bytes)
                var builder = JSONTreeBuilder(bytes: bytes)
                return builder.value()
            }
        }
        self = try result.get()
    }

    /// The first member of an object with this name, compared octet by octet as `JSONScanner` does it (Swift's equality
    /// takes `é` for `e` and an accent); nil when there is none, and for other values.
    public subscript(_ key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }

    /// One element of an array; nil when there is none, and for other values.
    public subscript(_ index: Int) -> JSONValue? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// The text of a string, nil for other values.
    public var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The value of a number written as an integer that fits, nil for other values.
    public var integer: Int? {
        guard case .number(let text) = self else { return nil }
        return Int(text)
    }

    /// The double nearest to a number, nil for other values.
    public var double: Double? {
        guard case .number(let text) = self else { return nil }
        return Double(text)
    }

    /// The value of a boolean, nil for other values.
    public var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    /// The elements of an array, nil for other values.
    public var elements: [JSONValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// The members of an object in their order, nil for other values.
    public var members: [JSONMember]? {
        guard case .object(let members) = self else { return nil }
        return members
    }
}

/// A member of an object.
public struct JSONMember: Sendable, Equatable {
    /// Its name, escapes undone.
    public var key: String
    /// What stands behind the colon.
    public var value: JSONValue

    /// A member of this name and value.
    public init(_ key: String, _ value: JSONValue) {
        self.key = key
        self.value = value
    }
}
