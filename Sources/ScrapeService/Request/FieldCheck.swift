import JSONBytes
import RPC

/// Reads members of a body and notes what is wrong with them, in the words and the order of pydantic.
///
/// Lax as that is: a number may come as its text, a boolean as a word.
struct FieldCheck {
    typealias Path = [RPCViolation.PathElement]

    private(set) var violations: [RPCViolation] = []
    /// Characters of a whole query, as the API takes it.
    let queryCharactersMax: Int

    init(queryCharactersMax: Int = CrawlParameters.queryCharactersDefault) {
        self.queryCharactersMax = queryCharactersMax
    }

    static let notAnObject = "Input should be a valid dictionary or object to extract fields from"

    /// Throws what was noted.
    func check() throws(RPCError) {
        if !violations.isEmpty { throw .invalidArguments(violations) }
    }

    mutating func refuse(_ path: Path, _ message: String, type: String) {
        violations.append(RPCViolation(path: path, message: message, type: type))
    }

    mutating func missing(_ path: Path) { refuse(path, "Field required", type: "missing") }

    /// A text that must be there.
    mutating func text(_ value: JSONValue?, at path: Path, _ length: ClosedRange<Int>) -> String? {
        guard let value else {
            missing(path)
            return nil
        }
        guard case .string(let text) = value else {
            refuse(path, "Input should be a valid string", type: "string_type")
            return nil
        }
        return check(text, at: path, length) ? text : nil
    }

    /// A text that may be null or absent.
    mutating func optionalText(_ value: JSONValue?, at path: Path, _ length: ClosedRange<Int>) -> String? {
        value == nil || value == .null ? nil : text(value, at: path, length)
    }

    private mutating func check(_ text: String, at path: Path, _ length: ClosedRange<Int>) -> Bool {
        let count = text.unicodeScalars.count
        func characters(_ count: Int) -> String { count == 1 ? "1 character" : "\(count) characters" }
        if count < length.lowerBound {
            refuse(path, "String should have at least \(characters(length.lowerBound))", type: "string_too_short")
        } else if count > length.upperBound {
            refuse(path, "String should have at most \(characters(length.upperBound))", type: "string_too_long")
        } else {
            return true
        }
        return false
    }

    /// An integer; nil when absent or wrong.
    mutating func integer(_ value: JSONValue?, at path: Path, in range: ClosedRange<Int>) -> Int? {
        guard let value else { return nil }
        guard let number = wholeNumber(value, at: path) else { return nil }
        if number < range.lowerBound {
            refuse(
                path, "Input should be greater than or equal to \(range.lowerBound)", type: "greater_than_equal")
        } else if number > range.upperBound {
            refuse(path, "Input should be less than or equal to \(range.upperBound)", type: "less_than_equal")
        } else {
            return number
        }
        return nil
    }

    private mutating func wholeNumber(_ value: JSONValue, at path: Path) -> Int? {
        switch value {
        case .bool(let flag): return flag ? 1 : 0
        case .number(let text):
            if let number = Int(text) { return number }
            // Beyond any bound there is, but no other mistake.
            if !text.contains(where: { ".eE".contains($0) }) { return text.hasPrefix("-") ? .min : .max }
            guard let double = Double(text), let number = Int(exactly: double) else {
                refuse(
                    path, "Input should be a valid integer, got a number with a fractional part",
                    type: "int_from_float")
                return nil
            }
            return number
        case .string(let text):
            if let number = Int(text.filter { $0 != " " }) { return number }
            refuse(
                path, "Input should be a valid integer, unable to parse string as an integer", type: "int_parsing")
        default: refuse(path, "Input should be a valid integer", type: "int_type")
        }
        return nil
    }

    /// A boolean; nil when absent or wrong.
    mutating func boolean(_ value: JSONValue?, at path: Path) -> Bool? {
        guard let value else { return nil }
        switch value {
        case .bool(let flag): return flag
        case .number(let text):
            if text == "0" || text == "1" { return text == "1" }
            refuseBoolean(path)
        case .string(let text):
            switch text.lowercased() {
            case "1", "true", "t", "on", "yes", "y": return true
            case "0", "false", "f", "off", "no", "n": return false
            default: refuseBoolean(path)
            }
        default: refuse(path, "Input should be a valid boolean", type: "bool_type")
        }
        return nil
    }

    /// A boolean that is written as one, for members that are ours; nil when absent or wrong.
    mutating func flag(_ value: JSONValue?, at path: Path) -> Bool? {
        guard let value else { return nil }
        if case .bool(let flag) = value { return flag }
        refuse(path, "Input should be a valid boolean", type: "bool_type")
        return nil
    }

    private mutating func refuseBoolean(_ path: Path) {
        refuse(path, "Input should be a valid boolean, unable to interpret input", type: "bool_parsing")
    }

    /// One of several words; nil when absent or wrong.
    mutating func word(_ value: JSONValue?, at path: Path, of words: [String]) -> String? {
        guard let value else { return nil }
        if let text = value.string, words.contains(text) { return text }
        let quoted = words.map { "'\($0)'" }
        let list = quoted.dropLast().joined(separator: ", ") + " or " + quoted[quoted.count - 1]
        refuse(path, "Input should be \(list)", type: "enum")
        return nil
    }
}

extension JSONValue {
    /// nil for JSON's null. No `? :` here: between a value and `nil` it would choose the value that null is.
    var unlessNull: JSONValue? {
        if case .null = self { return Optional.none }
        return self
    }
}
