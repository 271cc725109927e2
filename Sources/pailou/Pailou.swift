import ArgumentParser

/// The program: one subcommand a file under `Commands/`.
@main
struct Pailou: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pailou",
        abstract: "REST façades in front, length-prefixed JSON-RPC behind, durable jobs underneath.",
        version: Version.current,
        subcommands: [
            ServeCommand.self, CallCommand.self, MethodsCommand.self, ExportCommand.self, DemoCommand.self,
            FacadeCommand.self, JobCommand.self, QueueCommand.self, DeliveryCommand.self, StoreCommand.self,
            TokenCommand.self, ConfigCommand.self, VersionCommand.self,
        ])
}
