import ArgumentParser
import NIOCore
import RPC

/// Calls any method and prints its result.
///
///     swift run samples call subtract '[42, 23]'
struct CallSample: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "call", abstract: "Call any method.")

    @Argument(help: "The method's name.")
    var method: String

    @Argument(help: ArgumentHelp("Its parameters, a JSON object or array.", valueName: "params-json"))
    var params: String?

    @Option(help: "Seconds to wait.")
    var timeout: Double?

    @OptionGroup var connection: Connection

    func run() async throws {
        try await connection.withClient { client in
            let options = RPCCallOptions(timeout: timeout.map { .seconds($0) })
            let result = try await client.call(method, params.map { ByteBuffer(string: $0) }, options: options)
            show(String(buffer: result))
        }
    }
}
