import Foundation
import JSONBytes

/// Compares an answer with a pattern of `protocol/vectors/rest`, and remembers the values that patterns name.
struct VectorPattern {
    /// Values by name: `<NAME>` stands for them in later requests and patterns.
    private(set) var values: [String: String]
    /// Where the answer did not fit, the first place first.
    private(set) var misfits: [String] = []

    init(values: [String: String]) { self.values = values }

    /// `<NAME>` replaced by its value wherever it stands in a text.
    func filled(_ text: String) -> String {
        values.reduce(text) { $0.replacingOccurrences(of: "<\($1.key)>", with: $1.value) }
    }

    func filled(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text): .string(filled(text))
        case .array(let items): .array(items.map(filled))
        case .object(let members): .object(members.map { JSONMember($0.key, filled($0.value)) })
        default: value
        }
    }

    mutating func compare(_ found: JSONValue?, with pattern: JSONValue, at place: String) {
        switch pattern {
        case .object(let members):
            guard case .object? = found else { return misfit(place, "an object", found) }
            for member in members { compare(found?[member.key], with: member.value, at: "\(place).\(member.key)") }
        case .array(let items):
            guard let elements = found?.elements, elements.count == items.count else {
                return misfit(place, "a list of \(items.count)", found)
            }
            for (index, item) in items.enumerated() { compare(elements[index], with: item, at: "\(place)[\(index)]") }
        case .string(let text):
            compare(found, withText: text, at: place)
        default:
            if found != pattern { misfit(place, String(decoding: pattern.bytes, as: UTF8.self), found) }
        }
    }

    private mutating func compare(_ found: JSONValue?, withText text: String, at place: String) {
        guard text.hasPrefix("<"), text.hasSuffix(">"), values[String(text.dropFirst().dropLast())] == nil else {
            if found != .string(filled(text)) { misfit(place, filled(text), found) }
            return
        }
        let parts = text.dropFirst().dropLast().split(separator: ":").map(String.init)
        guard fits(found, kind: parts[parts.count - 1]) else { return misfit(place, text, found) }
        if parts.count == 2, let value = found?.string ?? found?.integer.map(String.init) { values[parts[0]] = value }
    }

    private func fits(_ found: JSONValue?, kind: String) -> Bool {
        switch kind {
        case "any": found != nil
        case "absent": found == nil
        case "text": found?.string != nil
        case "integer": found?.integer != nil || found?.string.flatMap { Int($0) } != nil
        case "md5": matches(found, "^[0-9a-f]{32}$")
        case "uuid": matches(found, "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
        case "time": matches(found, #"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"#)
        case "url": matches(found, "^https?://[^ ]+$")
        default: false
        }
    }

    private func matches(_ found: JSONValue?, _ expression: String) -> Bool {
        found?.string?.range(of: expression, options: .regularExpression) != nil
    }

    private mutating func misfit(_ place: String, _ expected: String, _ found: JSONValue?) {
        let text = found.map { String(decoding: $0.bytes, as: UTF8.self) } ?? "nothing"
        misfits.append("\(place): expected \(expected), found \(text)")
    }
}
