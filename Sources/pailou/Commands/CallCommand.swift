import ArgumentParser
import JSONBytes
import NIOCore
import RPC

/// One call to whoever listens, for scripts and for trying a method out.
struct CallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call", abstract: "Make one RPC call; the result goes to standard output.")

    @Argument(help: "The method, such as export.job.get.")
    var method: String

    @Argument(help: "The parameters as JSON, or - to read them from standard input.")
    var parameters: String?

    @Option(help: "Give up after this many seconds; without it the method's own limit holds.")
    var timeout: Int?

    @OptionGroup var options: RPCOptions

    /// A plain frame's limit (protocol/README.md): more could not be sent.
    private static let inputBytesMax = 8 << 20

    func validate() throws {
        guard timeout ?? 1 > 0 else { throw ValidationError("--timeout: expected a positive number of seconds") }
    }

    func run() async throws {
        let parameters = try readParameters()
        try await options.withClient { client in
            let result = try await client.call(
                method, parameters, options: .init(timeout: timeout.map { .seconds($0) }))
            print(String(buffer: result))
        }
    }

    private func readParameters() throws -> ByteBuffer? {
        guard let parameters else { return nil }
        let bytes = parameters == "-" ? try StandardInput.readAll(bytesMax: Self.inputBytesMax) : Array(parameters.utf8)
        do {
            try bytes.withUnsafeBytes { try JSONValidator.validate($0) }
        } catch let error as JSONSyntaxError {
            throw ValidationError("the parameters are not JSON: \(error)")
        }
        return ByteBuffer(bytes: bytes)
    }
}
