import Configuration

/// The values in force: the environment wins over the file, the file over the defaults.
package struct Settings: Sendable {
    /// Where a value comes from, as `pailou config` shows it.
    package enum Source: Sendable, Equatable, CustomStringConvertible {
        case `default`
        case environment(name: String)
        case file(String)

        package var description: String {
            switch self {
            case .default: "default"
            case .environment(let name): "environment \(name)"
            case .file(let place): place
            }
        }
    }

    private let environment: any ConfigProvider
    private let file: SettingsFile?

    /// Checks every key of the file and every value of the table, so that a mistake is told before anything starts.
    package init(
        table: [any AnySetting], filePath: String?, environment: [String: String]
    ) async throws(SettingsError) {
        self.environment = EnvironmentVariablesProvider(environmentVariables: environment)
        file = if let filePath { try await SettingsFile(path: filePath) } else { nil }
        try file?.refuseUnknownKeys(besides: table.map(\.key))
        for setting in table {
            let (text, source) = text(of: setting)
            guard setting.accepts(text) else {
                let shown = setting.isSecret ? "(secret)" : text
                throw SettingsError(source: source, key: setting.key, value: shown, allowed: setting.allowed)
            }
        }
    }

    /// The value in force. A text that is not allowed was already refused by `init`.
    package subscript<Value>(_ setting: Setting<Value>) -> Value {
        setting.form.parse(text(of: setting).text) ?? setting.defaultValue
    }

    /// The text in force and where it stands; an empty text counts as unset.
    package func text(of setting: any AnySetting) -> (text: String, source: Source) {
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
