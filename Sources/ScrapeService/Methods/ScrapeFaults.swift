import Database
import RPC

/// Errors of the parts below, as callers should see them; texts of unknown records are the document's.
enum ScrapeFaults {
    static let unknownTask = RPCError(.notFound, reason: "task", "Task not found")

    /// Runs `body`; a store that is busy or full is UNAVAILABLE, so that callers come back later.
    static func translating<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let error as DatabaseError {
            throw rpcError(error)
        }
    }

    static func rpcError(_ error: DatabaseError) -> RPCError {
        switch error.kind {
        case .busy, .overloaded, .rolledBack, .conflict, .unreachable, .outcomeUnknown:
            var fault = RPCError(.unavailable, reason: "busy", "the store of tasks is busy, try again")
            fault.retryAfter = .seconds(1)
            return fault
        case .nearlyFull, .full:
            return RPCError(.unavailable, reason: "disk_full", "the disk is nearly full: no new work is taken")
        case .io:
            // Nothing is acknowledged any more, and the process ends: another one, or the next, takes the call.
            return RPCError(.unavailable, reason: "store", "the disk under the store of tasks failed")
        case .closed: return RPCError(.unavailable, reason: "stopping", "the scraper is stopping")
        default: return RPCError(.internal, reason: "store", "the store of tasks failed")
        }
    }
}
