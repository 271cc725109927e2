/// Settings that exist once for each of something that the configuration names: `services.NAME`, `facades.NAME.KEY`.
///
/// A family is declared once, like a setting; `family[name]` is the setting of one name.
package struct SettingFamily<Value: Sendable>: Sendable {
    /// What stands before the name: `services`.
    package let group: String
    /// What stands behind the name; nil: the name is the key's last word.
    package let word: String?
    private let meaning: String
    private let form: SettingForm<Value>
    private let defaultValue: Value
    /// Names with a default of their own.
    private let defaults: [String: Value]
    private let isSecret: Bool

    package init(
        _ group: String, word: String? = nil, _ form: SettingForm<Value>, default defaultValue: Value,
        besides defaults: [String: Value] = [:], isSecret: Bool = false, _ meaning: String
    ) {
        self.group = group
        self.word = word
        self.form = form
        self.defaultValue = defaultValue
        self.defaults = defaults
        self.isSecret = isSecret
        self.meaning = meaning
    }

    /// The setting of one name.
    package subscript(name: String) -> Setting<Value> {
        let key = [group, name] + (word.map { [$0] } ?? [])
        return Setting(
            key.joined(separator: "."), form, default: defaults[name] ?? defaultValue, isSecret: isSecret, meaning)
    }
}

/// A family with its type put aside, for the table of all of them.
package protocol AnySettingFamily: Sendable {
    var group: String { get }
    var word: String? { get }
    /// Names that need not be written anywhere to have a value.
    var namesWithDefault: [String] { get }
    func setting(_ name: String) -> any AnySetting
}

extension SettingFamily: AnySettingFamily {
    package var namesWithDefault: [String] { defaults.keys.sorted() }
    package func setting(_ name: String) -> any AnySetting { self[name] }
}

extension AnySettingFamily {
    /// The family as people write it: `services.NAME`.
    package var pattern: any AnySetting { setting("NAME") }

    /// The name in a key of this family; nil for any other key.
    func name(inKey key: String) -> String? {
        let words = key.split(separator: ".", omittingEmptySubsequences: false)
        guard words.count == (word == nil ? 2 : 3), words[0] == group, !words[1].isEmpty else { return nil }
        return word == nil || words[2] == word! ? String(words[1]) : nil
    }

    /// The name in an environment variable of this family, lower case; nil for any other variable. Capitals and `_`
    /// are all a variable has: `PAILOU_SERVICES_MY_SHOP` is read as `my-shop`.
    func name(inEnvironment variable: String) -> String? {
        let before = settingEnvironmentName(of: group) + "_"
        let behind = word.map { String(settingEnvironmentName(of: $0).dropFirst("PAILOU".count)) } ?? ""
        guard variable.hasPrefix(before), variable.hasSuffix(behind) else { return nil }
        let name = variable.dropFirst(before.count).dropLast(behind.count)
        guard !name.isEmpty, variable.count > before.count + behind.count else { return nil }
        return String(name.map { $0 == "_" ? "-" : Character($0.lowercased()) })
    }
}
