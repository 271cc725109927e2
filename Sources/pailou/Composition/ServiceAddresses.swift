import ArgumentParser
import Gateway
import Logging
import ServiceRuntime

/// Where the gateway finds each service, by the name in front of its methods' first dot.
enum ServiceAddresses {
    /// A service of this process is called where it was bound, another where the settings say.
    ///
    /// - Parameter bound: the RPC addresses of this process by role.
    static func all(_ settings: Settings, bound: [String: String]) throws -> [String: [HostPort]] {
        var addresses: [String: [HostPort]] = [:]
        for name in settings.names(of: GatewaySettings.services) {
            let setting = GatewaySettings.services[name]
            if bound[name] != nil, case .option(let option) = settings.text(of: setting).source {
                throw ValidationError("\(option): expected a service of another process, this one has the role \(name)")
            }
            addresses[name] = settings[setting].compactMap { HostPort($0) }
        }
        for (name, address) in bound { addresses[name] = HostPort(address).map { [$0] } }
        return addresses
    }

    /// Says which façades call services nobody knows the address of; each of their calls would be a 503.
    static func warn(of facades: [CompiledFacade], without services: [String: [HostPort]], _ logger: Logger) {
        for facade in facades {
            let called = Set(facade.operations.map { String($0.method.prefix { $0 != "." }) })
            for name in called.subtracting(services.keys).sorted() {
                logger.warning(
                    "no address is known for a service; --service or services.NAME gives one",
                    metadata: ["facade": "\(facade.name)", "service": "\(name)"])
            }
        }
    }
}
