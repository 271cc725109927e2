package import Database
package import RPC

/// The errors of a store as callers of its service should see them, in that service's words.
package struct StoreFaults: Sendable {
    /// What the store has: `exports`.
    private let contents: String
    /// Who has the store: `the export service`.
    private let service: String
    /// What a full disk keeps out: `new exports are`.
    private let newWork: String

    package init(contents: String, service: String, newWork: String) {
        self.contents = contents
        self.service = service
        self.newWork = newWork
    }

    /// There is no room for anything new.
    package var diskFull: RPCError {
        RPCError(.unavailable, reason: "disk_full", "the disk is nearly full: no \(newWork) taken")
    }

    /// Runs `body`; a store that is busy or full is UNAVAILABLE, so that callers come back later.
    package func translating<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let error as DatabaseError {
            throw rpcError(error)
        }
    }

    package func rpcError(_ error: DatabaseError) -> RPCError {
        switch error.kind {
        case .busy, .overloaded, .rolledBack, .conflict, .unreachable, .outcomeUnknown:
            var fault = RPCError(.unavailable, reason: "busy", "the store of \(contents) is busy, try again")
            fault.retryAfter = .seconds(1)
            return fault
        case .nearlyFull, .full: return diskFull
        case .io:
            // Nothing is acknowledged any more, and the process ends: another one, or the next, takes the call.
            return RPCError(.unavailable, reason: "store", "the disk under the store of \(contents) failed")
        case .closed: return RPCError(.unavailable, reason: "stopping", "\(service) is stopping")
        default: return RPCError(.internal, reason: "store", "the store of \(contents) failed")
        }
    }
}
