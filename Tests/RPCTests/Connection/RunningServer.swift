import Logging
import NIOCore
import NIOPosix
import RPC

/// A server on a free port of the loopback interface, for one test.
struct RunningServer {
    let server: RPCServer
    let port: Int

    /// A client of it that says hello, unless told otherwise.
    func client(host: String = "127.0.0.1", configuration: RPCClientConfiguration = .init()) -> RPCClient {
        var configuration = configuration
        configuration.toBePatient()
        return RPCClient(
            host: host, port: port, configuration: configuration, group: MultiThreadedEventLoopGroup.singleton,
            logger: .quiet)
    }
}

extension RPCClientConfiguration {
    /// A server of ours is no stranger because the machine is busy: connecting and hello have more time than they need,
    /// unless a test says otherwise.
    mutating func toBePatient() {
        let usual = RPCClientConfiguration()
        if helloTimeout == usual.helloTimeout { helloTimeout = .seconds(60) }
        if connectTimeout == usual.connectTimeout { connectTimeout = .seconds(60) }
    }
}

extension Logger {
    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

/// Serves what `register` offers while `body` runs.
func withServer(
    configuration: RPCServerConfiguration = .init(),
    group: MultiThreadedEventLoopGroup = .singleton, _ register: (inout RPCMethods) -> Void,
    _ body: (RunningServer) async throws -> Void
) async throws {
    var methods = RPCMethods()
    register(&methods)
    let server = RPCServer(
        methods: methods, configuration: configuration, group: group, logger: .quiet)
    let address = try await server.start()
    do {
        try await body(RunningServer(server: server, port: address.port!))
    } catch {
        await server.stop(grace: .zero)
        throw error
    }
    await server.stop(grace: .zero)
}
