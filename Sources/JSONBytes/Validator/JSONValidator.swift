/// Strict RFC 8259 validation of octets that may arrive in pieces.
///
/// Feed pieces with `consume`, then call `finish`; the verdict does not depend on where the pieces are cut. Refused:
/// everything outside the grammar, invalid UTF-8 (overlong forms and surrogates too), a byte order mark, and nesting
/// deeper than `depthMax`. Allowed, because the grammar allows it: duplicate member names, numbers of any size, and
/// `\u` escapes of lone surrogates. Memory is constant up to depth 64 and one bit a level above; nothing recurses.
///
/// After an error the validator is spent.
public struct JSONValidator: Sendable {
    /// Deeper than any honest document, and shallow enough for readers that recurse.
    public static let depthMaxDefault = 512

    let depthMax: Int
    var state = State.value
    var nesting = NestingStack()
    /// Octets of earlier pieces, for error offsets.
    var consumed = 0

    // What a token needs to be resumed in the middle.
    var isKey = false
    /// Hexadecimal digits or UTF-8 continuation octets that must still come.
    var octetsLeft: UInt8 = 0
    /// Bounds of the next continuation octet; narrower than 80…BF only after some lead octets.
    var continuation: ClosedRange<UInt8> = 0x80...0xBF
    /// Rest of the literal that has begun, next octet lowest.
    var literalRest: UInt32 = 0

    /// A validator of one document; `depthMax` brackets may be open at once.
    public init(depthMax: Int = Self.depthMaxDefault) {
        self.depthMax = depthMax
    }

    /// What the next octet may be. Between tokens (first line) whitespace is skipped; numbers know their end only by
    /// the octet behind it, so the states marked by `isNumberEnd` hand that octet on.
    enum State: UInt8 {
        case value, elementOrEnd, keyOrEnd, key, colon, commaOrEnd
        case string, escape, hexadecimal, continuation
        case literal
        case minus, zero, integer, point, fraction, exponentMark, exponentSign, exponent

        var isNumberEnd: Bool { self == .zero || self == .integer || self == .fraction || self == .exponent }
    }

    /// Takes the next piece of the document; pieces may be empty.
    public mutating func consume(_ bytes: UnsafeRawBufferPointer) throws(JSONSyntaxError) {
        var position = 0
        while position < bytes.count {
            switch state {
            case .value, .elementOrEnd, .keyOrEnd, .key, .colon, .commaOrEnd:
                position = try between(bytes, position)
            case .string:
                position = try string(bytes, position)
            case .escape, .hexadecimal, .continuation:
                try stringOctet(bytes[position], at: position)
                position &+= 1
            case .literal:
                try literalOctet(bytes[position], at: position)
                position &+= 1
            default:
                position = try number(bytes, position)
            }
        }
        consumed &+= bytes.count
    }

    /// Says that the last piece has been given.
    public mutating func finish() throws(JSONSyntaxError) {
        guard nesting.depth == 0, state == .commaOrEnd || state.isNumberEnd else {
            throw JSONSyntaxError(offset: consumed, reason: .unexpectedEnd)
        }
    }

    /// Validates a whole document at once.
    public static func validate(_ bytes: UnsafeRawBufferPointer, depthMax: Int = Self.depthMaxDefault)
        throws(JSONSyntaxError)
    {
        var validator = JSONValidator(depthMax: depthMax)
        try validator.consume(bytes)
        try validator.finish()
    }

    @inline(never)
    func error(_ reason: JSONSyntaxError.Reason, at position: Int) -> JSONSyntaxError {
        JSONSyntaxError(offset: consumed + position, reason: reason)
    }
}
