import ArgumentParser
import Gateway
import ServiceRuntime

/// `--service NAME=HOST:PORT[,HOST:PORT…]`: where the methods `NAME.…` are answered.
struct ServiceOption: Sendable, ExpressibleByArgument {
    let name: String
    let addresses: String

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, !parts[0].contains(".") else { return nil }
        guard parts[1].split(separator: ",").allSatisfy({ HostPort(String($0)) != nil }) else { return nil }
        (name, addresses) = (String(parts[0]), String(parts[1]))
    }

    /// The setting it stands for.
    var setting: Settings.Option {
        Settings.Option(GatewaySettings.services[name].key, addresses, as: "--service \(name)")
    }
}
