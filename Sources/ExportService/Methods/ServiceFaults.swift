import Artifacts
import Database
import RPC

/// Errors of the parts below, as callers should see them.
enum ServiceFaults {
    /// Runs `body`; a store that is busy or full is UNAVAILABLE, so that callers come back later.
    static func translating<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let error as DatabaseError {
            throw rpcError(error)
        } catch let error as FileTree.Failure where error.isDiskFull {
            throw diskFull
        }
    }

    private static let diskFull = RPCError(
        .unavailable, reason: "disk_full", "the disk is nearly full: no new exports are taken")

    static func rpcError(_ error: DatabaseError) -> RPCError {
        switch error.kind {
        case .busy, .overloaded, .rolledBack, .conflict, .unreachable, .outcomeUnknown:
            var fault = RPCError(.unavailable, reason: "busy", "the store of exports is busy, try again")
            fault.retryAfter = .seconds(1)
            return fault
        case .nearlyFull, .full:
            return diskFull
        case .io:
            // Nothing is acknowledged any more, and the process ends: another one, or the next, takes the call.
            return RPCError(.unavailable, reason: "store", "the disk under the store of exports failed")
        case .closed:
            return RPCError(.unavailable, reason: "stopping", "the export service is stopping")
        default:
            return RPCError(.internal, reason: "store", "the store of exports failed")
        }
    }

    static func unknown(_ key: String) -> RPCError {
        RPCError(.notFound, reason: "export", "no export with the key \(key.prefix(64))")
    }
}
