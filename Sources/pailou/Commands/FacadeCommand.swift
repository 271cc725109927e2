import ArgumentParser
import Gateway

/// Tools for people who write façade documents.
struct FacadeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "facade", abstract: "Work with façade documents.", subcommands: [Check.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compile façade documents as the gateway would and tell every mistake.")

        @Argument(help: "OpenAPI files with x-facade and x-rpc.")
        var files: [String]

        func run() throws {
            var failures = 0
            for file in files {
                do {
                    let facade = try FacadeFile.compile(path: file)
                    print("\(file): façade \(facade.name), \(facade.operations.count) operations")
                } catch {
                    failures += 1
                    StandardError.print("\(error)")
                }
            }
            if failures > 0 { throw ExitCode.failure }
        }
    }
}
