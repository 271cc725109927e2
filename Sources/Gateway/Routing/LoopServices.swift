internal import Logging
internal import NIOCore
internal import RPC

/// The services one event loop can call, by the prefix of their methods.
final class LoopServices {
    private let services: [String: LoopService]
    private let eventLoop: any EventLoop

    /// `secret` proves to the services that it is the gateway who calls, so that they believe its `meta.http`.
    init(_ addresses: [String: [HostPort]], secret: String?, eventLoop: any EventLoop, logger: Logger) {
        self.eventLoop = eventLoop
        var configuration = RPCClientConfiguration()
        configuration.role = "gateway"
        configuration.gatewaySecret = secret
        services = Dictionary(
            uniqueKeysWithValues: addresses.map { name, addresses in
                let replicas = addresses.map { address in
                    RPCLoopClient(
                        eventLoop: eventLoop, host: address.host, port: address.port, configuration: configuration,
                        logger: logger)
                }
                return (name, LoopService(name: name, replicas: replicas, eventLoop: eventLoop))
            })
    }

    /// The service of a method; one that is not configured answers UNAVAILABLE.
    func service(of method: String) -> LoopService {
        let name = ServiceName.of(method: method)
        return services[name] ?? LoopService(name: name, replicas: [], eventLoop: eventLoop)
    }

    func close() {
        for service in services.values { service.close() }
    }
}

/// Which service a method belongs to.
enum ServiceName {
    /// The name in front of the first dot; methods without a dot are the demonstration's.
    static func of(method: String) -> String {
        method.utf8.firstIndex(of: UInt8(ascii: ".")).map { String(method[..<$0]) } ?? "demo"
    }
}

/// One service as one loop sees it: a client for each replica.
final class LoopService {
    let name: String
    private let replicas: [RPCLoopClient]
    private let eventLoop: any EventLoop
    private var turn = 0

    init(name: String, replicas: [RPCLoopClient], eventLoop: any EventLoop) {
        self.name = name
        self.replicas = replicas
        self.eventLoop = eventLoop
    }

    /// Starts a call on one of the replicas. The receiver hears of it after this has returned.
    func start(_ call: RPCCallRequest, receiver: any RPCCallReceiver) -> RPCCallHandle? {
        if let replica = pick() { return replica.start(call, receiver: receiver) }
        var error = RPCError(.unavailable, reason: "service", "no address is configured for the service '\(name)'")
        error.notStarted = true
        eventLoop.assumeIsolated().execute { receiver.callFailed(error) }
        return nil
    }

    func close() {
        for replica in replicas { replica.close() }
    }

    /// Of two replicas in turn the one with fewer calls, a connected one before one that has to connect first.
    private func pick() -> RPCLoopClient? {
        if replicas.count < 2 { return replicas.first }
        turn = (turn + 1) % replicas.count
        let (one, other) = (replicas[turn], replicas[(turn + 1) % replicas.count])
        if one.isReady != other.isReady { return one.isReady ? one : other }
        return one.callCount <= other.callCount ? one : other
    }
}
