/// One configuration key: its name, what it means, its default and the values it takes.
///
/// A key is declared once, in the table of the program; `pailou config` prints that table, the configuration file and
/// the environment are read through it, and an error names the same words.
package struct Setting<Value: Sendable>: Sendable {
    /// Dotted name, as in the configuration file: `export.allowedSources`.
    package let key: String
    /// One sentence for the operator.
    package let meaning: String
    package let defaultValue: Value
    let form: SettingForm<Value>
    /// A secret's value is never printed.
    package let isSecret: Bool

    package init(
        _ key: String, _ form: SettingForm<Value>, default defaultValue: Value, isSecret: Bool = false,
        _ meaning: String
    ) {
        self.key = key
        self.form = form
        self.defaultValue = defaultValue
        self.isSecret = isSecret
        self.meaning = meaning
    }
}

/// How the values of a setting are written.
package struct SettingForm<Value: Sendable>: Sendable {
    /// What is allowed, for messages: `an integer from 1 to 64`.
    package let allowed: String
    /// The value of a text, nil where the text is not allowed.
    package let parse: @Sendable (String) -> Value?
    /// The text that `parse` would read back.
    package let print: @Sendable (Value) -> String

    package init(
        allowed: String, parse: @escaping @Sendable (String) -> Value?, print: @escaping @Sendable (Value) -> String
    ) {
        self.allowed = allowed
        self.parse = parse
        self.print = print
    }
}

/// A setting with its type put aside, for the table of all of them.
package protocol AnySetting: Sendable {
    var key: String { get }
    var meaning: String { get }
    var allowed: String { get }
    var isSecret: Bool { get }
    var defaultText: String { get }
    func accepts(_ text: String) -> Bool
}

extension Setting: AnySetting {
    package var allowed: String { form.allowed }
    package var defaultText: String { form.print(defaultValue) }
    package func accepts(_ text: String) -> Bool { form.parse(text) != nil }

    /// The environment variable of this key: `export.allowedSources` is `PAILOU_EXPORT_ALLOWED_SOURCES`.
    package var environmentName: String { settingEnvironmentName(of: key) }
}

/// `PAILOU_` and the key in capitals, a new word at each dot, each hyphen and each capital letter.
package func settingEnvironmentName(of key: String) -> String {
    var name = "PAILOU_"
    var previousIsLower = false
    for character in key {
        if !character.isLetter && !character.isNumber {
            name.append("_")
        } else {
            if character.isUppercase, previousIsLower { name.append("_") }
            name.append(contentsOf: character.uppercased())
        }
        previousIsLower = character.isLowercase
    }
    return name
}
