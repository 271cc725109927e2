import Logging
import NIOCore
import RPC

/// The services one event loop can call, by the prefix of their methods.
final class LoopServices {
    private let services: [String: LoopService]
    private let eventLoop: any EventLoop

    /// `secrets` prove to the services of these names that it is the gateway who calls, so that they believe its
    /// `meta.http`.
    init(_ addresses: [String: [HostPort]], secrets: [String: String], eventLoop: any EventLoop, logger: Logger) {
        self.eventLoop = eventLoop
        var configuration = RPCClientConfiguration()
        configuration.role = "gateway"
        services = Dictionary(
            uniqueKeysWithValues: addresses.map { name, addresses in
                configuration.gatewaySecret = secrets[name]
                let replicas = addresses.map { address in
                    ServiceReplica { [configuration] in
                        RPCLoopClient(
                            eventLoop: eventLoop, host: address.host, port: address.port,
                            configuration: configuration, logger: logger)
                    }
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
