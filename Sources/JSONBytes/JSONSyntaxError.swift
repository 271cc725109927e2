/// Why some octets are not JSON, and where.
public struct JSONSyntaxError: Error, Equatable {
    /// Octets before the one that is wrong, counted from the first octet of the document.
    public let offset: Int
    /// What was expected or found there.
    public let reason: Reason

    /// An error at an offset.
    public init(offset: Int, reason: Reason) {
        self.offset = offset
        self.reason = reason
    }

    /// What was expected or found; the raw value is text for people.
    public enum Reason: String, Sendable {
        case unexpectedEnd = "the document ends too early"
        case byteOrderMark = "a byte order mark is not allowed"
        case expectedValue = "expected a value"
        case expectedKey = "expected a member name in double quotes"
        case expectedColon = "expected a colon after a member name"
        case expectedCommaOrEndOfObject = "expected a comma or the end of the object"
        case expectedCommaOrEndOfArray = "expected a comma or the end of the array"
        case trailingContent = "found more after the end of the value"
        case controlCharacter = "found a control character inside a string"
        case invalidEscape = "found an unknown escape inside a string"
        case invalidHexadecimal = "expected four hexadecimal digits after \\u"
        case invalidUTF8 = "found octets that are not utf-8"
        case invalidLiteral = "expected true, false or null"
        case invalidNumber = "expected a digit"
        case leadingZero = "a number must not begin with zeros"
        case tooDeep = "nested too deeply"
    }
}

extension JSONSyntaxError: CustomStringConvertible {
    /// Reason and offset as a lower-case sentence.
    public var description: String { "\(reason.rawValue), at offset \(offset)" }
}
