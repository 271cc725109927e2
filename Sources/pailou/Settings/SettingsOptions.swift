import ArgumentParser
import Foundation
import ServiceRuntime

/// The option and the environment that every subcommand with settings reads.
struct SettingsOptions: ParsableArguments {
    @Option(name: .customLong("config"), help: "A YAML file of settings; `pailou config` lists the keys.")
    var file: String?

    /// EX_CONFIG of sysexits.h: the configuration cannot be used.
    static let configurationError = ExitCode(78)

    func load() async throws -> Settings {
        do {
            return try await Settings(
                table: SettingsTable.all, filePath: file, environment: ProcessInfo.processInfo.environment)
        } catch {
            StandardError.print("pailou: \(error)")
            throw Self.configurationError
        }
    }
}
