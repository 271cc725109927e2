import ArgumentParser
import NIOCore
import RPC
import ServiceContracts

/// Follows an export line by line until it has come to its end.
///
///     swift run samples watch HASH_KEY
struct WatchSample: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "watch", abstract: "Watch the progress of an export.")

    @Argument(help: "The export's hash_key.")
    var key: String

    @OptionGroup var connection: Connection

    func run() async throws {
        try await connection.withClient { client in
            let params = try ByteBuffer(json: ExportKeyParameters(key: key))
            let events = client.events(ExportMethods.events.name, params, options: .init(isIdempotent: true))
            for try await event in events { show("\(event.kind) \(String(buffer: event.data))") }
            show("ended \(String(buffer: try await events.result()))")
        }
    }
}
