package import Logging
import ServiceLifecycle
import UnixSignals

/// Reads files of certificates, keys and tokens again when they have changed: at an interval, and at once on SIGHUP.
package struct FileReloader: Service {
    /// One thing that is made from files.
    package struct Item: Sendable {
        /// What it is, for the log.
        let name: String
        /// Reads again what has changed: true if something was; an error leaves everything as it was.
        let reload: @Sendable () async throws -> Bool

        package init(_ name: String, reload: @escaping @Sendable () async throws -> Bool) {
            (self.name, self.reload) = (name, reload)
        }
    }

    private let items: [Item]
    private let interval: Duration
    private let logger: Logger

    package init(_ items: [Item], every interval: Duration, logger: Logger) {
        (self.items, self.interval, self.logger) = (items, interval, logger)
    }

    /// Watches until graceful shutdown.
    package func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    for await _ in signals { await reload() }
                }
                tasks.addTask {
                    while (try? await Task.sleep(for: interval)) != nil { await reload() }
                }
                await tasks.waitForAll()
            }
        }
    }

    /// One look at every item.
    package func reload() async {
        for item in items {
            do {
                if try await item.reload() { logger.notice("\(item.name): read again") }
            } catch {
                logger.error("\(item.name): the new files cannot be used, the old ones stay in force: \(error)")
            }
        }
    }
}
