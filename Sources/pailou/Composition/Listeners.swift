import ArgumentParser
import Gateway
import Logging
import ServiceRuntime

extension HostPort: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

/// `--listen NAME=HOST:PORT`: NAME is a façade, `admin`, or `rpc.` and a service.
struct ListenOption: Sendable, ExpressibleByArgument {
    let name: String
    let address: HostPort

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, let address = HostPort(String(parts[1])) else { return nil }
        name = String(parts[0])
        self.address = address
    }
}

/// Where each listener of the process binds: the command line wins over the documented address.
struct Listeners: Sendable {
    private let overrides: [String: HostPort]
    private let isEphemeral: Bool
    private let allowsPlaintext: Bool
    private let logger = Logger(label: "pailou")

    init(options: [ListenOption], isEphemeral: Bool, settings: Settings) {
        overrides = Dictionary(options.map { ($0.name, $0.address) }, uniquingKeysWith: { $1 })
        self.isEphemeral = isEphemeral
        allowsPlaintext = settings[ProcessSettings.allowPlaintext]
    }

    /// Where a listener binds. One that others can reach has to be encrypted or to know its callers.
    ///
    /// - Parameter documented: `HOST:PORT` of the protocol's documents.
    func address(_ name: String, documented: String, _ protection: Protection) throws -> HostPort {
        guard let standard = HostPort(documented) else {
            throw StartError("\(name) should listen on host:port, found \"\(documented)\"")
        }
        let address = overrides[name] ?? HostPort(host: standard.host, port: isEphemeral ? 0 : standard.port)
        if address.isLoopback { return address }
        guard protection.isEnough || allowsPlaintext else {
            throw SettingsError(
                """
                \(name) would listen on \(address), which others can reach, without \
                \(protection.needsCallers ? "the credentials its document names" : "encryption or credentials"); \
                \(protection.advice); on a private network, or behind a proxy that does it, set \
                listen.allowPlaintext (PAILOU_LISTEN_ALLOW_PLAINTEXT=true)
                """)
        }
        if !allowsPlaintext, let warning = protection.warning { logger.warning("\(name) on \(address): \(warning)") }
        return address
    }

    /// A misspelt name would otherwise leave a listener where it was.
    func refuseUnknownNames(known: [String]) throws {
        for name in overrides.keys.sorted() where !known.contains(name) {
            throw ValidationError("--listen \(name): expected one of \(Set(known).sorted().joined(separator: ", "))")
        }
    }
}

/// Why the system does not start.
struct StartError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
