import Foundation
import PostgreSQLClient
import ServiceRuntime

/// pg_dump and pg_restore, the server's own means for consistent copies.
enum PostgreSQLDump {
    /// Seconds to reach the server.
    private static let connectTimeout = 10

    /// The program writes to the descriptor that holds the lock: one that outlives us keeps others away.
    static func write(_ address: String, to copy: UnfinishedFile) throws {
        var variables = try PostgreSQLAddress.environment(of: address)
        variables["PGCONNECT_TIMEOUT"] = variables["PGCONNECT_TIMEOUT"] ?? "\(connectTimeout)"
        let status = try run(["pg_dump", "--format=custom", "--no-password"], variables, output: copy.handle)
        guard status == 0 else { throw failure(status, "pg_dump could not copy the store, see above") }
    }

    /// Unpacks the archive and throws the statements away: a damaged one is found now and not when it is needed.
    static func check(_ copy: UnfinishedFile) throws {
        let status = try run(["pg_restore", "--file=/dev/null", copy.path], [:], output: .nullDevice)
        guard status == 0 else { throw failure(status, "the copy is damaged, and was given up, see above") }
    }

    private static func run(
        _ words: [String], _ variables: [String: String], output: FileHandle
    ) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        process.environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
        process.standardOutput = output
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    private static func failure(_ status: Int32, _ text: String) -> StartError {
        status == 127
            ? StartError("expected pg_dump and pg_restore of the package postgresql-client, found none")
            : StartError(text)
    }
}
