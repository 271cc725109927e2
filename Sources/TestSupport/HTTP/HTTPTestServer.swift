import NIOCore
import NIOHTTP1
import NIOPosix

/// A real HTTP/1.1 server for tests, on a port of the system's choice.
///
/// It records every request, counts connections, and answers what the handler says, faults included. Requests of one
/// connection are answered one after another; connections run at once. The handler's task is cancelled when the server
/// closes.
package final class HTTPTestServer: Sendable {
    package typealias Handler = @Sendable (HTTPTestRequest) async -> HTTPTestAnswer

    private let listener: any Channel
    private let connections: HTTPTestConnections
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
        let connections = HTTPTestConnections()
        listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 1_024)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes))
                    try channel.pipeline.syncOperations.addHandler(decoder)
                    let stream = try HTTPTestConnection.Channel(wrappingChannelSynchronously: channel)
                    let connection = HTTPTestConnection(
                        number: record.opened(), record: record, requestBytesMax: requestBytesMax, handler: handler)
                    connections.start(connection.number) {
                        await connection.serve(stream)
                        record.closed()
                    }
                }
            }
            .bind(host: host, port: port)
            .get()
        self.record = record
        self.connections = connections
        self.host = host
        self.port = listener.localAddress?.port ?? 0
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
        try? await listener.close()
        for task in connections.cancelAll() { await task.value }
    }

    deinit {
        listener.close(promise: nil)
        _ = connections.cancelAll()
    }
}
