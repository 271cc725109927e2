import ArgumentParser
import RPC
import ServiceContracts

/// Ends an export that is not finished.
///
///     swift run samples cancel HASH_KEY
struct CancelSample: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "cancel", abstract: "Cancel an export.")

    @Argument(help: "The export's hash_key.")
    var key: String

    @OptionGroup var connection: Connection

    func run() async throws {
        try await connection.withClient { client in
            let params = ExportKeyParameters(key: key)
            let export = try await client.call(ExportMethods.cancel, params, options: .init(timeout: .seconds(10)))
            show("status \(export.summary.status.rawValue)")
        }
    }
}
