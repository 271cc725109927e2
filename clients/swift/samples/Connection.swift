import ArgumentParser
import Foundation
import Logging
import NIOCore
import NIOPosix
import RPC

/// What the samples share: the options that say where the server is, and the client.
struct Connection: ParsableArguments {
    @Option(help: "HOST:PORT of the server.")
    var address = "127.0.0.1:7100"

    @Option(help: "Says who calls, to servers that ask for it.")
    var token: String?

    @Option(help: "Authorities to trust, a PEM file; turns TLS on.")
    var caFile: String?

    func validate() throws {
        guard place != nil else { throw ValidationError("--address \(address): expected HOST:PORT") }
    }

    /// Runs `body` with a client. A failed call becomes one line and status 1.
    func withClient(_ body: (RPCClient) async throws -> Void) async throws {
        guard let place else { return }
        var configuration = RPCClientConfiguration()
        configuration.name = "pailou-samples/1.0.0"
        configuration.token = token
        if let caFile { configuration.tls = try await ClientTLS(authorityFile: caFile) }
        let client = RPCClient(
            host: place.host, port: place.port, configuration: configuration,
            group: MultiThreadedEventLoopGroup.singleton, logger: Logger(label: "samples"))
        try await body(client)
        await client.close()
    }

    /// Of `[::1]:7100` the host is what stands in the brackets.
    private var place: RPCAddress? {
        guard let colon = address.lastIndex(of: ":"), let port = Int(address[colon...].dropFirst()) else { return nil }
        let host = address[..<colon].trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        return host.isEmpty ? nil : RPCAddress(host: host, port: port)
    }
}

extension ByteBuffer {
    /// A value as the JSON that calls take.
    init(json value: some Encodable) throws {
        self.init(bytes: try JSONEncoder().encode(value))
    }

    /// JSON that came, as a value.
    func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data(readableBytesView))
    }
}

/// Prints a line at once, also into a pipe.
func show(_ line: String) {
    FileHandle.standardOutput.write(Data((line + "\n").utf8))
}
