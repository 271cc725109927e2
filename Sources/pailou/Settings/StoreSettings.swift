import Database
import DatabasePostgreSQL
import DatabaseSQLite
import JobQueue
import Logging
import ServiceRuntime

/// Where services keep their records and jobs.
enum StoreSettings {
    /// The word for a store of the process's own.
    private static let embedded = "sqlite"
    private static let schemes = ["postgresql://", "postgres://"]

    /// May hold a password, so it is never shown.
    static let address = Setting(
        "store.address",
        SettingForm(
            allowed: "sqlite, or postgresql:// and what libpq takes behind it",
            parse: { text in text == embedded || schemes.contains { text.hasPrefix($0) } ? text : nil },
            print: { $0 }),
        default: embedded, isSecret: true,
        "sqlite: a file below the data directory, for one process; postgresql://…: a server that replicas share.")
    static let workerTimeout = Setting(
        "store.workerTimeout", .duration(.seconds(1) ... .seconds(3600)), default: WorkerTimes().deadAfter,
        "A replica that was not heard of for so long is dead: others run its jobs.")

    static let freeBytesMin = Setting(
        "store.freeBytesMin", .bytes(0...(1 << 40)), default: Int(SQLiteOptions().freeBytesMin),
        "Free octets on the disk of a store in a file below which new work is refused; 0: never.")

    static let all: [any AnySetting] = [address, workerTimeout, freeBytesMin]

    /// The server that replicas share; nil when each service has a file.
    static func server(_ settings: Settings) -> String? {
        let address = settings[address]
        return address == embedded ? nil : address
    }

    /// Opens the store of a service.
    ///
    /// - Parameters:
    ///   - path: The file of one that belongs to this process alone.
    ///   - schema: Of the server's database; nil: where the server puts tables. Each service has its own.
    static func open(
        _ settings: Settings, path: String, schema: StaticString? = nil, logger: Logger
    ) throws -> any Database {
        guard let server = server(settings) else {
            return try SQLiteDatabase(path: path, options: fileOptions(settings), logger: logger)
        }
        return PostgreSQLDatabase(PostgreSQLDatabaseOptions(connection: server, schema: schema), logger: logger)
    }

    private static func fileOptions(_ settings: Settings) -> SQLiteOptions {
        var options = SQLiteOptions()
        options.freeBytesMin = UInt64(settings[freeBytesMin])
        return options
    }

    /// Three heartbeats in the time after which a replica counts as dead, and seven looks at who does.
    static func workerTimes(_ settings: Settings) -> WorkerTimes {
        var times = WorkerTimes()
        times.deadAfter = settings[workerTimeout]
        times.heartbeatInterval = times.deadAfter / 3
        times.leaderInterval = times.deadAfter / 7
        return times
    }
}
