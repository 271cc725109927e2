import Foundation
import ServiceRuntime
import TestSupport

@testable import pailou

/// What a setting does when it says something else than by default.
struct SettingEffect: Sendable, CustomStringConvertible {
    let key: String
    /// `DIR` in it stands for a directory with files that settings can name.
    let text: String
    /// The fields of the configuration it changes and their values then; `…` for any, of the field and of those in it.
    let fields: [String: String]
    /// What else has to be set so that it has an effect.
    var given: [String: String] = [:]

    var description: String { key }

    init(_ setting: any AnySetting, _ text: String, _ fields: [String: String], given: [String: String] = [:]) {
        key = setting.key
        self.text = text
        self.fields = fields
        self.given = given
    }

    /// What is not as it says; nothing if all is.
    func faults<Configuration>(
        in directory: TemporaryDirectory, _ configuration: (Settings, String) throws -> Configuration
    ) async throws -> [String] {
        let own = directory.path("service")
        let before = FieldValues(of: try configuration(try await Self.settings(given), own))
        let named = text.replacing("DIR", with: directory.path as String)
        let after = FieldValues(
            of: try configuration(try await Self.settings(given.merging([key: named]) { $1 }), own))
        let changes = before.changes(in: after)
        let missing = fields.filter { field, value in
            !changes.contains { Self.matches($0.key, $0.value, field, value) }
        }
        let others = changes.filter { name, found in !fields.contains { Self.matches(name, found, $0.key, $0.value) } }
        return missing.map { "\(key): expected \($0.key) to be \($0.value)" }
            + others.map { "\(key): \($0.key) is \($0.value)" }
    }

    private static func matches(_ name: String, _ found: String, _ field: String, _ value: String) -> Bool {
        value == "…" ? name == field || name.hasPrefix(field + ".") : name == field && found == value
    }

    /// As they are in a process with these variables.
    private static func settings(_ values: [String: String]) async throws -> Settings {
        let variables = values.map { (settingEnvironmentName(of: $0.key), $0.value) }
        return try await Settings(
            table: SettingsTable.all, families: SettingsTable.families, filePath: nil,
            environment: Dictionary(uniqueKeysWithValues: variables))
    }

    /// A directory with files that settings can name, and an empty one for a service.
    static func directory() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        let manager = FileManager.default
        for name in ["service", "styles"] {
            try manager.createDirectory(atPath: directory.path(name), withIntermediateDirectories: true)
        }
        try directory.write("titles: [\"*\"]\n", to: "styles/all.yaml")
        try directory.write(#"{"erp": {"origins": ["https://erp.example"], "bearer": "t"}}"#, to: "credentials.json")
        try directory.write(String(repeating: "k1", count: 32), to: "key")
        try manager.setAttributes([.posixPermissions: 0o600], ofItemAtPath: directory.path("key"))
        return directory
    }
}
