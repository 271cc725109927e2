import ArgumentParser
import Logging
import ServiceRuntime

/// The server itself.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the system, or one role of it, until SIGTERM or SIGINT.",
        discussion: "Everything binds to 127.0.0.1 on the documented ports unless told otherwise.")

    @OptionGroup var settingsOptions: SettingsOptions

    @Option(help: "Directory of stores, artefacts and endpoints.json.")
    var dataDir = "data"

    @Option(help: "What this process does: all, gateway, export, scrape, demo. May be repeated.")
    var role: [Role] = []

    @Option(help: "NAME=HOST:PORT for a façade, admin, or rpc.SERVICE. May be repeated.")
    var listen: [ListenOption] = []

    @Option(
        help: ArgumentHelp(
            "Where finished files are kept; stands for export.artifacts.", valueName: "DIR|s3://BUCKET/PREFIX"))
    var artifacts: String?

    @Option(help: "A directory of façade documents served beside the built-in ones; stands for gateway.facades.")
    var facades: String?

    @Option(
        help: ArgumentHelp(
            "Where the methods NAME.… are answered; stands for services.NAME. May be repeated.",
            valueName: "NAME=HOST:PORT[,HOST:PORT…]"))
    var service: [ServiceOption] = []

    @Option(help: "sqlite, or postgresql://… for a server that replicas share; stands for store.address.")
    var store: String?

    @Flag(help: "Take a free port everywhere; endpoints.json says which.")
    var ephemeral = false

    func run() async throws {
        let options = [
            facades.map { Settings.Option(GatewaySettings.facades.key, $0, as: "--facades") },
            artifacts.map { Settings.Option(ArtifactSettings.place.key, $0, as: "--artifacts") },
            store.map { Settings.Option(StoreSettings.address.key, $0, as: "--store") },
        ].compactMap { $0 }
        let settings = try await settingsOptions.load(options: service.map(\.setting) + options)
        ProcessSettings.bootstrap(settings)
        try await StartFailure.told {
            let system = try await System.start(
                roles: Role.resolve(role), settings: settings,
                listeners: Listeners(options: listen, isEphemeral: ephemeral, settings: settings),
                dataDirectory: try DataDirectory(path: dataDir))
            try await system.runUntilStopped {
                StandardOutput.write(EndpointTable(system.endpoints).text)
            }
        }
    }
}
