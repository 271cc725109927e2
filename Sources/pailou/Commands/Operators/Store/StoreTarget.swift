import ArgumentParser
import Database
import DatabasePostgreSQL
import Foundation
import Logging
import ServiceRuntime

/// Which store a command is about, and how its answer is shown. The service itself need not run.
struct StoreTarget: ParsableArguments {
    @Option(help: "The service that is meant.")
    var service = "export"

    @Option(help: "The data directory of the process that the store belongs to.")
    var dataDir = "data"

    @Option(help: "sqlite, or postgresql://… for a server that replicas share; stands for store.address.")
    var store: String?

    @Flag(help: "Print the answer as JSON.")
    var json = false

    @OptionGroup var settingsOptions: SettingsOptions

    func validate() throws {
        let known = ServiceStore.all.map(\.service)
        guard known.contains(service) else {
            throw ValidationError("--service \(service): expected one with a store: \(known.joined(separator: ", "))")
        }
    }

    /// The schema and the rules.
    var description: ServiceStore { ServiceStore.all.first { $0.service == service }! }

    var path: String { description.path(in: dataDir) }

    func settings() async throws -> Settings {
        try await settingsOptions.load(
            options: [store.map { Settings.Option(StoreSettings.address.key, $0, as: "--store") }].compactMap { $0 })
    }

    /// Only warnings are of interest beside the answer.
    var logger: Logger {
        var logger = Logger(label: "store")
        logger.logLevel = .warning
        return logger
    }

    func show(_ answer: some Encodable, _ text: () -> String) throws {
        if json { try JSONLine.print(answer) } else { print(text()) }
    }
}
