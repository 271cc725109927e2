import ArgumentParser

/// Stores of services, for operators.
struct StoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "Back up a service's store, check it, bring it up to date.",
        subcommands: [StoreBackup.self, StoreCheckCommand.self, StoreMigrate.self])
}
