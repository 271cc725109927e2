import Configuration

/// The values in force: the command line wins over the environment, the environment over the file, the file over the
/// defaults.
package struct Settings: Sendable {
    /// Where a value comes from, as `pailou config` shows it.
    package enum Source: Sendable, Equatable, CustomStringConvertible {
        case `default`
        case environment(name: String)
        case file(String)
        /// An option of the command line that stands for a setting.
        case option(String)

        package var description: String {
            switch self {
            case .default: "default"
            case .environment(let name): "environment \(name)"
            case .file(let place): place
            case .option(let option): option
            }
        }
    }

    /// A setting given on the command line.
    package struct Option: Sendable {
        let key: String
        let option: String
        let text: String

        /// `option` is what the user wrote, for messages: `--facades`.
        package init(_ key: String, _ text: String, as option: String) {
            (self.key, self.text, self.option) = (key, text, option)
        }
    }

    private let environment: any ConfigProvider
    private let variables: [String]
    private let file: SettingsFile?
    private let options: [Option]
    private let families: [any AnySettingFamily]

    /// Checks every key of the file and every value of the table, so that a mistake is told before anything starts.
    package init(
        table: [any AnySetting], families: [any AnySettingFamily] = [], filePath: String?,
        environment: [String: String], options: [Option] = []
    ) async throws(SettingsError) {
        self.environment = EnvironmentVariablesProvider(environmentVariables: environment)
        variables = environment.filter { !$0.value.isEmpty }.keys.sorted()
        file = if let filePath { try await SettingsFile(path: filePath) } else { nil }
        self.options = options
        self.families = families
        try file?.refuseUnknownKeys { key in
            table.contains { $0.key == key } || families.contains { $0.name(inKey: key) != nil }
        }
        try refuseUnknownVariables(table, families)
        for setting in table + families.flatMap({ family in names(of: family).map(family.setting) }) {
            let (text, source) = text(of: setting)
            guard setting.accepts(text) else {
                let shown = setting.isSecret ? "(secret)" : text
                throw SettingsError(source: source, key: setting.key, value: shown, allowed: setting.allowed)
            }
        }
    }

    /// Every name of a family that has a value: from the command line, the file, the environment or by default.
    package func names(of family: some AnySettingFamily) -> [String] {
        let named = options.map(\.key) + (file?.keys ?? [])
        var names = Set(family.namesWithDefault + named.compactMap { family.name(inKey: $0) })
        // A variable cannot say whether it means `a-b` or `aB`: a name known from elsewhere goes before.
        let known = Set(names.map { settingEnvironmentName(of: family.setting($0).key) })
        for variable in variables where !known.contains(variable) && !isOfLongerWord(variable, than: family) {
            if let name = family.name(inEnvironment: variable) { names.insert(name) }
        }
        return names.sorted()
    }

    /// `…_A_JWT_KEYS_FILE` is `jwtKeysFile` of `a` and not `keysFile` of `a-jwt`.
    private func isOfLongerWord(_ variable: String, than family: some AnySettingFamily) -> Bool {
        families.contains { other in
            other.group == family.group && (other.word ?? "").count > (family.word ?? "").count
                && other.name(inEnvironment: variable) != nil
        }
    }

    /// Refuses a name that nothing in this process goes by, with the place where it is written.
    ///
    /// - Parameter what: what the names are, for the message: `façade`.
    package func refuseNames(
        of families: [any AnySettingFamily], besides known: [String], what: String
    ) throws(SettingsError) {
        for family in families {
            for name in names(of: family) where !known.contains(name) {
                let (setting, expected) = (family.setting(name), Set(known).sorted().joined(separator: ", "))
                throw SettingsError(
                    "\(text(of: setting).source): \(setting.key): there is no \(what) \(name); expected one of \(expected)"
                )
            }
        }
    }

    /// The value in force. A text that is not allowed was already refused by `init`.
    package subscript<Value>(_ setting: Setting<Value>) -> Value {
        setting.form.parse(text(of: setting).text) ?? setting.defaultValue
    }

    /// The text in force and where it stands; an empty text counts as unset.
    package func text(of setting: any AnySetting) -> (text: String, source: Source) {
        if let option = options.last(where: { $0.key == setting.key }) { return (option.text, .option(option.option)) }
        let name = settingEnvironmentName(of: setting.key)
        let key = AbsoluteConfigKey(["pailou"] + setting.key.split(separator: ".").map(String.init), context: [:])
        if let text = try? environment.value(forKey: key, type: .string).value?.content.string, !text.isEmpty {
            return (text, .environment(name: name))
        }
        if let file, let text = file.text(of: setting.key), !text.isEmpty {
            return (text, .file(file.place(of: setting.key)))
        }
        return (setting.defaultText, .default)
    }

    /// A misspelt variable would otherwise be a setting that silently does nothing.
    private func refuseUnknownVariables(
        _ table: [any AnySetting], _ families: [any AnySettingFamily]
    ) throws(SettingsError) {
        let known = Set(table.map { settingEnvironmentName(of: $0.key) })
        for variable in variables where variable.hasPrefix(Self.variablePrefix) && !known.contains(variable) {
            if families.contains(where: { $0.name(inEnvironment: variable) != nil }) { continue }
            let patterns = families.map { settingEnvironmentName(of: $0.pattern.key) }
            let closest = ClosestWord.find(variable, among: known.sorted() + patterns)
            let hint = closest.map { "; the closest is \($0)" } ?? ""
            throw SettingsError(
                "environment \(variable): there is no such setting\(hint); `pailou config` lists them all")
        }
    }

    /// Of all variables that are ours.
    private static let variablePrefix = "PAILOU_"
}

extension ConfigContent {
    fileprivate var string: String? {
        if case .string(let text) = self { text } else { nil }
    }
}

/// A configuration that cannot be used: which source, which key, which value, and what would be allowed.
package struct SettingsError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }

    init(source: Settings.Source, key: String, value: String, allowed: String) {
        description = "\(source): \(key) is \"\(value)\"; expected \(allowed)"
    }
}
