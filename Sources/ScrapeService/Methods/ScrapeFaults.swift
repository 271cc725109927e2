import Database
import RPC
import Spreadsheet
import StoreFaults

/// Errors of the parts below, as callers should see them; texts of unknown records are the document's.
enum ScrapeFaults {
    static let unknownTask = RPCError(.notFound, reason: "task", "Task not found")

    private static let store = StoreFaults(contents: "tasks", service: "the scraper", newWork: "new work is")

    static var diskFull: RPCError { store.diskFull }

    /// Runs `body`; a store that is busy or full is UNAVAILABLE, so that callers come back later.
    static func translating<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await store.translating(body)
        } catch let error as SpreadsheetError where error.isDiskFull {
            throw diskFull
        }
    }

    static func rpcError(_ error: DatabaseError) -> RPCError { store.rpcError(error) }
}
