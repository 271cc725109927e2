import ArgumentParser
import JSONBytes
import NIOCore
import RPC

/// What there is to call.
struct MethodsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "methods", abstract: "List what the other side offers (rpc.discover).")

    @OptionGroup var options: RPCOptions

    func run() async throws {
        try await options.withClient { client in
            let document = try await client.call("rpc.discover", nil)
            guard let methods = try JSONValue(parsing: document.readableBytesView)["methods"]?.elements else {
                StandardError.print("pailou: rpc.discover answered no list of methods")
                throw ExitCode.failure
            }
            for method in methods { print(line(of: method)) }
        }
    }

    private func line(of method: JSONValue) -> String {
        guard let name = method["name"]?.string else { return "(a method without a name)" }
        guard let summary = method["summary"]?.string else { return name }
        return name + String(repeating: " ", count: max(1, 28 - name.count)) + summary
    }
}
