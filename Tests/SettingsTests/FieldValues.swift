import Foundation

/// The names and values of all fields of a structure, those of structures in it as `outer.inner`.
struct FieldValues {
    private let texts: [String: String]

    init(of value: Any) { texts = Dictionary(Self.fields(of: value, named: "")) { first, _ in first } }

    /// The fields that are not the same in another one, with their values there.
    func changes(in other: FieldValues) -> [String: String] {
        var changes: [String: String] = [:]
        for name in Set(texts.keys).union(other.texts.keys) where texts[name] != other.texts[name] {
            changes[name] = other.texts[name] ?? "nil"
        }
        return changes
    }

    private static func fields(of value: Any, named name: String) -> [(String, String)] {
        if value is Duration { return [(name, "\(value)")] }
        // A key says nothing of itself.
        if let octets = value as? any ContiguousBytes { return [(name, "\(octets.withUnsafeBytes { Array($0) })")] }
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .optional: return mirror.children.first.map { fields(of: $0.value, named: name) } ?? []
        case .collection: return [(name, "[\(elements(mirror).joined(separator: ", "))]")]
        case .dictionary, .set: return [(name, "[\(elements(mirror).sorted().joined(separator: ", "))]")]
        case .struct where !mirror.children.isEmpty, .tuple:
            return mirror.children.flatMap { child in
                fields(of: child.value, named: name.isEmpty ? child.label ?? "" : "\(name).\(child.label ?? "")")
            }
        default: return [(name, "\(value)")]
        }
    }

    private static func elements(_ mirror: Mirror) -> [String] {
        mirror.children.map { fields(of: $0.value, named: "").map(\.1).joined(separator: " ") }
    }
}
