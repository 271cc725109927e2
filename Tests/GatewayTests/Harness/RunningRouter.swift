import Logging
import NIOCore
import NIOPosix
import RPC
import TestSupport

@testable import Gateway

/// A router on a free port, for one test.
struct RunningRouter {
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let port: Int
    let status: ServiceStatus

    /// Routes to services on these ports of the loopback interface while `body` runs.
    static func run(
        _ ports: [String: [Int]], secret: String? = nil, documents: [[UInt8]] = [],
        retries: RPCRetryPolicy = .init(), _ body: @escaping @Sendable (RunningRouter) async throws -> Void
    ) async throws {
        var directory = ServiceDirectory(
            ports.mapValues { $0.map { HostPort(host: "127.0.0.1", port: $0) } },
            credentials: secret.map { secret in ports.mapValues { _ in ServiceCredentials(secret: secret) } } ?? [:],
            documents: documents)
        directory.retries = retries
        let router = try RPCRouter(
            services: directory, configuration: .init(), group: MultiThreadedEventLoopGroup.singleton,
            logger: logger)
        let port = try await router.start().port!
        let status = directory.status
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try? await router.run() }
            try await withDeadline(.seconds(20), "the test") {
                try await body(RunningRouter(port: port, status: status))
            }
            tasks.cancelAll()
        }
    }

    /// A client that sends nothing twice, unless it is told to.
    func client(retries: RPCRetryPolicy = .never) -> RPCClient {
        var configuration = RPCClientConfiguration()
        configuration.retries = retries
        // The router is no stranger because the machine is busy.
        configuration.helloTimeout = .seconds(60)
        return RPCClient(
            host: "127.0.0.1", port: port, configuration: configuration, group: MultiThreadedEventLoopGroup.singleton,
            logger: Self.logger)
    }
}
