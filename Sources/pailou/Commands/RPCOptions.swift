import ArgumentParser
import Gateway
import Logging
import NIOPosix
import RPC

/// Where a client command connects, and the connection itself.
struct RPCOptions: ParsableArguments {
    @Option(help: "RPC address; without it the system that runs on ./data, else 127.0.0.1:7100.")
    var to: HostPort?

    /// The gateway's RPC port, documented in protocol/README.md.
    private static let documentedAddress = HostPort(host: "127.0.0.1", port: 7100)

    func address() -> HostPort {
        if let to { return to }
        let running = Endpoints.read(in: "data")?.rpc["gateway"].flatMap { HostPort($0) }
        return running ?? Self.documentedAddress
    }

    /// Runs `body` with a connected client; an RPC error is told on standard error and ends the program with 1.
    func withClient(_ body: (RPCClient) async throws -> Void) async throws {
        let address = address()
        let client = RPCClient(
            host: address.host, port: address.port, group: .singletonMultiThreadedEventLoopGroup,
            logger: Logger(label: "pailou"))
        do {
            try await body(client)
            await client.close()
        } catch let error as RPCError {
            StandardError.print("pailou: \(address): \(describe(error))")
            throw ExitCode.failure
        }
    }

    private func describe(_ error: RPCError) -> String {
        let reason = error.reason.map { ".\($0)" } ?? ""
        // Some services say all of them in the message already.
        let details = error.details.map { "\($0.pathText): \($0.message)" }.filter { !error.message.contains($0) }
            .map { "\n  \($0)" }.joined()
        return "\(error.code) \(error.status?.rawValue ?? "UNKNOWN")\(reason): \(error.message)\(details)"
    }
}
