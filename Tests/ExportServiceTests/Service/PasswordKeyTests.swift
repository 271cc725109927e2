import Database
import DatabasePostgreSQL
import DatabaseSQLite
import ExportService
import JSONBytes
import Logging
import PostgreSQLTesting
import RPC
import ServiceContracts
import StoreTesting
import TestSupport
import Testing

/// The key that keeps passwords is changed while there are exports that may be run again.
@Suite(.postgreSQL) struct PasswordKeyTests {
    private static let keys = ["the first key, of at least 32 characters", "the second one, of at least 32 characters"]

    @Test(arguments: StoreEngine.allCases)
    func aNewKeyTakesOverAndTheOldOneCanGo(engine: StoreEngine) async throws {
        let directory = try TemporaryDirectory()
        let address = engine == .postgreSQL ? try await PostgreSQLTrait.current.makeDatabase() : nil
        var key = ""
        for present in [Self.keys[0], Self.keys[1] + "\n" + Self.keys[0], Self.keys[1]] {
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let store: any Database =
                if let address {
                    PostgreSQLDatabase(PostgreSQLDatabaseOptions(connection: address), logger: logger)
                } else {
                    try SQLiteDatabase(path: directory.path("store.sqlite"), logger: logger)
                }
            let passwords = try PasswordKeeper(keys: present)
            try await withExports(store: store, in: directory) {
                $0.passwords = passwords
            } _: { harness in
                if key.isEmpty {
                    key = try await harness.submit(Sample.raw.setting("password", "secret"), ExportMethods.submitRaw)
                } else {
                    _ = try await harness.client.call(ExportMethods.retry, ExportKeyParameters(key: key))
                }
                let detail = try await harness.ended(key)
                #expect(detail.summary.status == .succeeded, "\(detail.summary.failReason)")
            }
        }
    }
}
