import ArgumentParser

/// Four small programs that use the services as a program of yours would: one file each, `Connection.swift` is shared.
@main
struct Samples: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "samples", abstract: "Use pailou's services from Swift.",
        subcommands: [ExportSample.self, WatchSample.self, CancelSample.self, CallSample.self])
}
