import Logging
import NIOCore
import RPC

/// The services one event loop can call, by the prefix of their methods.
final class LoopServices {
    private let services: [String: LoopService]
    private let eventLoop: any EventLoop
    private let logger: Logger
    private let methods: [String: MethodTraits]

    /// To be made and used on its loop.
    init(_ directory: ServiceDirectory, methods: [String: MethodTraits], eventLoop: any EventLoop, logger: Logger) {
        self.eventLoop = eventLoop
        self.logger = logger
        self.methods = methods
        services = Dictionary(
            uniqueKeysWithValues: directory.addresses.map { name, addresses in
                let replicas = RPCReplicaSet(
                    eventLoop: eventLoop, addresses: addresses.map { RPCAddress(host: $0.host, port: $0.port) },
                    configuration: directory.client(of: name), logger: logger)
                return (name, LoopService(replicas, name: name, status: directory.status, logger: logger))
            })
    }

    /// Begins to ask all replicas for their health.
    func watch() {
        for service in services.values { service.watch() }
    }

    /// The service of a method; one that is not configured answers UNAVAILABLE, for the façades that name it.
    func service(of method: String) -> LoopService {
        let name = ServiceName.of(method: method)
        if let service = services[name] { return service }
        let nobody = RPCReplicaSet(eventLoop: eventLoop, addresses: [], logger: logger)
        return LoopService(nobody, name: name, status: nil, logger: logger)
    }

    /// What is known of a method; nil for those of services without a document.
    func traits(of method: String) -> MethodTraits? { methods[method] }

    func close() {
        for service in services.values { service.close() }
    }
}

/// One service as one loop sees it.
final class LoopService {
    let replicas: RPCReplicaSet
    private let name: String
    private let status: ServiceStatus?
    private let logger: Logger

    init(_ replicas: RPCReplicaSet, name: String, status: ServiceStatus?, logger: Logger) {
        self.replicas = replicas
        self.name = name
        self.status = status
        self.logger = logger
    }

    func watch() {
        status?.note(replicas.servingCount, of: name, by: replicas)
        replicas.onChange = { [status, name, unowned replicas] count in status?.note(count, of: name, by: replicas) }
        replicas.onReplicaChange = { [status, name, logger, unowned replicas] address, isServing in
            guard status?.note(address, isServing: isServing, by: replicas) == true else { return }
            logger.info("\(address) \(isServing ? "serves" : "does not serve")", metadata: ["service": "\(name)"])
        }
        replicas.watch()
    }

    func close() {
        replicas.close()
        status?.forget(replicas)
    }
}

/// Which service a method belongs to.
enum ServiceName {
    /// The name in front of the first dot; methods without a dot are the demonstration's.
    static func of(method: String) -> String {
        method.utf8.firstIndex(of: UInt8(ascii: ".")).map { String(method[..<$0]) } ?? "demo"
    }
}
