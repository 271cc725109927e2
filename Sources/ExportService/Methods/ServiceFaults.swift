import Artifacts
import Database
import RPC
import StoreFaults

/// Errors of the parts below, as callers should see them.
enum ServiceFaults {
    private static let store = StoreFaults(
        contents: "exports", service: "the export service", newWork: "new exports are")

    /// Runs `body`; a store that is busy or full is UNAVAILABLE, so that callers come back later.
    static func translating<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await store.translating(body)
        } catch let error as FileTree.Failure where error.isDiskFull {
            throw store.diskFull
        }
    }

    static func rpcError(_ error: DatabaseError) -> RPCError { store.rpcError(error) }

    static func unknown(_ key: String) -> RPCError {
        RPCError(.notFound, reason: "export", "no export with the key \(key.prefix(64))")
    }
}
