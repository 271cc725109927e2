import Glibc
package import Logging
package import ServiceLifecycle
import UnixSignals

/// Runs services until a signal asks for the end: the first drains, the second ends the process at once.
///
/// Services stop in the reverse of the order given, so what is in front (the gateway) goes first.
package struct ServiceProcess: Sendable {
    /// How long a drain may take before what is left is cancelled.
    package static let drainMax: Duration = .seconds(30)

    private let group: ServiceGroup
    private let logger: Logger

    package init(services: [any Service], logger: Logger) {
        var configuration = ServiceGroupConfiguration(services: services, logger: logger)
        configuration.maximumGracefulShutdownDuration = Self.drainMax
        group = ServiceGroup(configuration: configuration)
        self.logger = logger
    }

    /// Returns when all services have ended; throws what ended one of them before it was asked to.
    ///
    /// - Parameter onReady: called once signals are handled: whoever is told we are ready may send one at once.
    package func run(onReady: () throws -> Void) async throws {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        try onReady()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask { await watch(signals) }
            try await tasks.next()
            tasks.cancelAll()
        }
    }

    private func watch(_ signals: UnixSignalsSequence) async {
        var isDraining = false
        for await signal in signals {
            if isDraining { _exit(128 + signal.rawValue) }
            isDraining = true
            logger.notice("\(signal): draining; a second signal ends at once")
            await group.triggerGracefulShutdown()
        }
    }
}
