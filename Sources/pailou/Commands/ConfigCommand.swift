import ArgumentParser
import ServiceRuntime

/// What an operator can set, and what is in force.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "List every setting: key, value in force, where it comes from, default, meaning.")

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let settings = try await options.load()
        for setting in SettingsTable.all { show(setting, settings) }
        for family in SettingsTable.families {
            for name in settings.names(of: family) { show(family.setting(name), settings) }
            show(family.pattern, settings)
        }
    }

    private func show(_ setting: any AnySetting, _ settings: Settings) {
        let (text, source) = settings.text(of: setting)
        print(setting.key)
        print("    value    \(shown(text, setting))  (\(source))")
        print("    default  \(shown(setting.defaultText, setting))")
        print("    allowed  \(setting.allowed)")
        print("    env      \(settingEnvironmentName(of: setting.key))")
        print("    \(setting.meaning)")
    }

    private func shown(_ text: String, _ setting: any AnySetting) -> String {
        if text.isEmpty { return "(none)" }
        return setting.isSecret ? "(secret)" : text
    }
}
