import ArgumentParser
import Foundation
import ServiceRuntime

/// The option and the environment that every subcommand with settings reads.
struct SettingsOptions: ParsableArguments {
    @Option(name: .customLong("config"), help: "A YAML file of settings; `pailou config` lists the keys.")
    var file: String?

    /// EX_CONFIG of sysexits.h: the configuration cannot be used.
    static let configurationError = ExitCode(78)

    /// - Parameter options: settings that the command has options of its own for.
    func load(options: [Settings.Option] = []) async throws -> Settings {
        do {
            return try await Settings(
                table: SettingsTable.all, families: SettingsTable.families, filePath: file,
                environment: ProcessInfo.processInfo.environment, options: options)
        } catch {
            StandardError.print("pailou: \(error)")
            throw Self.configurationError
        }
    }
}
