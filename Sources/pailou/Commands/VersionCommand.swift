import ArgumentParser

/// What this binary calls itself, on the command line and in `rpc.info`.
enum Version {
    static let current = "0.1.0"
}

/// Which build this is.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    func run() {
        print("pailou \(Version.current)")
    }
}
