import ArgumentParser
import Gateway
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
}
