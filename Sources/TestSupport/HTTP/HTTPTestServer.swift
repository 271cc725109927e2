import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A real HTTP/1.1 server for tests, on a port of the system's choice.
///
/// It records every request, counts connections, and answers what the handler says, faults included. Requests of one
/// connection are answered one after another; connections run at once. The handler's task is cancelled when the server
/// closes.
package final class HTTPTestServer: Sendable {
    package typealias Handler = @Sendable (HTTPTestRequest) async -> HTTPTestAnswer

    private let listener: any Channel
    private let serving: Task<Void, Never>
    private let record: HTTPTestRecord

    package let host: String
    package let port: Int

    /// Starts listening; requests are answered from the moment this returns.
    ///
    /// - Parameter host: `127.0.0.1` or `::1`.
    package init(
        host: String = "127.0.0.1", port: Int = 0, requestBytesMax: Int = 64 << 20, handler: @escaping Handler
    ) async throws {
        let record = HTTPTestRecord()
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 1_024)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .bind(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes))
                    try channel.pipeline.syncOperations.addHandler(decoder)
                    return try HTTPTestConnection.Channel(wrappingChannelSynchronously: channel)
                }
            }
        self.record = record
        self.host = host
        self.port = server.channel.localAddress?.port ?? 0
        listener = server.channel
        serving = Task {
            await Self.serve(server, record: record, requestBytesMax: requestBytesMax, handler: handler)
        }
    }

    private static func serve(
        _ server: NIOAsyncChannel<HTTPTestConnection.Channel, Never>, record: HTTPTestRecord, requestBytesMax: Int,
        handler: @escaping Handler
    ) async {
        await withDiscardingTaskGroup { group in
            // Errors here end a connection or the listener: to a test they show as what its client sees.
            try? await server.executeThenClose { connections in
                for try await channel in connections {
                    let connection = HTTPTestConnection(
                        number: record.opened(), record: record, requestBytesMax: requestBytesMax, handler: handler)
                    group.addTask {
                        await connection.serve(channel)
                        record.closed()
                    }
                }
            }
            group.cancelAll()
        }
    }

    /// `http://host:port` without a slash at the end.
    package var url: String {
        host.contains(":") ? "http://[\(host)]:\(port)" : "http://\(host):\(port)"
    }

    /// `host:port`, as an allow-list takes it.
    package var address: String {
        String(url.dropFirst("http://".count))
    }

    /// Every request received so far, in order of arrival.
    package var requests: [HTTPTestRequest] { record.requests }
    /// How many connections were ever accepted.
    package var connectionCount: Int { record.connectionCount }
    /// How many of them are open now.
    package var openConnectionCount: Int { record.openConnectionCount }

    /// Stops listening, cancels handlers at work and closes every connection.
    package func close() async {
        serving.cancel()
        try? await listener.close()
        await serving.value
    }

    deinit {
        serving.cancel()
        listener.close(promise: nil)
    }
}
