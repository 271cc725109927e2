import JSONBytes
import RPC

/// Reads the members of a request's object and notes what is wrong instead of stopping at the first violation.
///
/// A reader answers nil both for a wrong and for an absent value; the notes tell them apart.
struct RequestFields {
    /// The words of the gateway and of typed methods too, whoever finds that a value is missing.
    static let missing = "Field required"

    private(set) var violations: [RPCViolation] = []

    mutating func refuse(_ path: [String], _ message: String, type: String) {
        violations.append(RPCViolation(path: path.map { .name($0) }, message: message, type: type))
    }

    mutating func add(_ found: [RPCViolation]) { violations += found }

    /// All violations as the error of the call: each in the details, and in the message as a sentence.
    var refusal: RPCError {
        var error = RPCError.invalidArguments(violations)
        error.message = violations.map { "\($0.pathText): \($0.message)" }.joined(separator: "; ")
        return error
    }

    /// A member that has to be there; JSON's null counts as absent.
    mutating func required(_ name: String, of object: JSONValue, at path: [String]) -> JSONValue? {
        if let value = optional(name, of: object) { return value }
        refuse(path + [name], Self.missing, type: "missing")
        return nil
    }

    func optional(_ name: String, of object: JSONValue) -> JSONValue? {
        guard let value = object[name], value != .null else { return nil }
        return value
    }

    mutating func text(_ value: JSONValue?, at path: [String], charactersMax: Int, allowEmpty: Bool = false) -> String?
    {
        guard let value else { return nil }
        guard let text = value.string else {
            refuse(path, "expected a string, found \(value.kindInWords)", type: "string_type")
            return nil
        }
        return length(text, at: path, charactersMax: charactersMax, allowEmpty: allowEmpty)
    }

    /// A string within 1…`charactersMax` characters (0… with `allowEmpty`).
    mutating func length(_ text: String, at path: [String], charactersMax: Int, allowEmpty: Bool) -> String? {
        // Counting octets first keeps a text of megabytes from being broken into characters.
        let count = text.utf8.count > charactersMax * 64 ? Int.max : text.count
        if count == 0, !allowEmpty {
            refuse(path, "expected 1 to \(charactersMax) characters, found an empty string", type: "string_too_short")
            return nil
        }
        guard count <= charactersMax else {
            let found = count == .max ? "many more" : "\(count)"
            refuse(path, "expected at most \(charactersMax) characters, found \(found)", type: "string_too_long")
            return nil
        }
        return text
    }

    mutating func integer(_ value: JSONValue?, at path: [String], in range: ClosedRange<Int>) -> Int? {
        guard let value else { return nil }
        guard let number = value.integer else {
            refuse(path, "expected an integer, found \(value.kindInWords)", type: "int_type")
            return nil
        }
        if number < range.lowerBound {
            refuse(path, "expected at least \(range.lowerBound), found \(number)", type: "greater_than_equal")
            return nil
        }
        if number > range.upperBound {
            refuse(path, "expected at most \(range.upperBound), found \(number)", type: "less_than_equal")
            return nil
        }
        return number
    }

    mutating func members(_ value: JSONValue?, at path: [String], countMax: Int) -> [JSONMember]? {
        guard let value else { return nil }
        guard let members = value.members else {
            refuse(path, "expected an object, found \(value.kindInWords)", type: "dict_type")
            return nil
        }
        guard members.count <= countMax else {
            refuse(path, "expected at most \(countMax) members, found \(members.count)", type: "too_long")
            return nil
        }
        return members
    }
}

extension JSONValue {
    /// The kind for messages: never the value, which may be somebody's secret.
    var kindInWords: String {
        switch self {
        case .object: "an object"
        case .array: "an array"
        case .string: "a string"
        case .number(let text): text.contains { ".eE".contains($0) } ? "a number with a fraction" : "a number"
        case .bool: "a boolean"
        case .null: "null"
        }
    }
}
